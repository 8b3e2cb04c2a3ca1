/*
 * The world's door for a second terminal: DIR/control, a unix stream socket
 * that only our user may open.
 *
 * A request is a line. Its answer is any number of lines that begin with a
 * blank, then one that is `ok` or begins with `error: `. Whoever sends nonsense
 * or does not read harms nobody but himself: all sizes are bounded and nothing
 * is waited for. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_DOOR_H
#define CUTOVER_REHEARSAL_DOOR_H

#define DOOR_NAME "control"
#define DOOR_LINE_MAX 4096           /* bytes of one request */
#define DOOR_ANSWER_MAX (1 << 20)    /* bytes of one answer */
#define DOOR_CLIENTS_MAX 16          /* one more, and he who has
					been silent longest has to go */

struct buf;
struct door;
struct error;

/* Answers one request: appends lines " TEXT\n" to the answer; 0 becomes `ok`,
 * anything else `error: ` and err's text. line: no control characters in it;
 * may be changed. */
typedef int (*door_answer)(void *data, char *line, struct buf *answer,
			      struct error *err);

/* Listens in dir. *ret is owned: door_close. */
int door_open(struct door **ret, const char *dir, door_answer answer,
		 void *data, struct error *err);

/* Becomes readable when door_serve has something to do. */
int door_fd(const struct door *door);
/* Does what can be done without waiting. */
void door_serve(struct door *door);
/* Waits at most limit_ms until all answers have been taken. */
void door_flush(struct door *door, int limit_ms);

/* Ends all conversations. Takes NULL. */
void door_close(struct door *door);

#endif
