/* See canvas.h. */
#include "tui/canvas.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

#include "net/outlet.h"

#define CANVAS_PATIENCE_MS 500
#define CANVAS_PART 16384       /* bytes read back at once */

static int canvas_fail(struct canvas *canvas, struct error *err)
{
	int status = error_set(err, ERR_IO, NULL, "%s", strerror(errno));

	canvas_close(canvas);
	return status;
}

int canvas_open(struct canvas *canvas, struct loop *loop,
		void (*drained)(void *data), void *data, struct error *err)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	int status;

	*canvas = (struct canvas){.memory = -1};
	canvas->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!canvas->out)
		return canvas_fail(canvas, err);
	canvas->memory = memfd_create("screen", MFD_CLOEXEC);
	if (canvas->memory < 0)
		return canvas_fail(canvas, err);
	status = outlet_open(loop, STDOUT_FILENO, drained, data,
			     &canvas->outlet, err);
	if (status)
		canvas_close(canvas);
	return status;
}

/* Turns the stream's descriptor to the terminal, or to memory. */
static void canvas_turn(struct canvas *canvas, int to)
{
	while (dup3(to, fileno(canvas->out), O_CLOEXEC) < 0 && errno == EINTR)
		;
}

void canvas_begin(struct canvas *canvas)
{
	canvas_turn(canvas, canvas->memory);
}

bool canvas_end(struct canvas *canvas)
{
	char part[CANVAS_PART];
	bool whole = true;
	off_t at = 0;
	ssize_t len;

	canvas_turn(canvas, STDOUT_FILENO);
	while ((len = pread(canvas->memory, part, sizeof(part), at)) > 0) {
		whole = outlet_put(canvas->outlet, part, (size_t)len) !=
				ERR_NOMEM && whole;
		at += len;
	}
	return ftruncate(canvas->memory, 0) == 0 &&
	       lseek(canvas->memory, 0, SEEK_SET) == 0 && len == 0 && whole;
}

bool canvas_is_clear(struct canvas *canvas)
{
	return outlet_is_drained(canvas->outlet);
}

void canvas_settle(struct canvas *canvas)
{
	if (!outlet_settle(canvas->outlet, CANVAS_PATIENCE_MS))
		tcflush(STDOUT_FILENO, TCOFLUSH);
}

void canvas_close(struct canvas *canvas)
{
	outlet_close(canvas->outlet);
	canvas->outlet = NULL;
	if (canvas->out)
		fclose(canvas->out);
	canvas->out = NULL;
	if (canvas->memory >= 0)
		close(canvas->memory);
	canvas->memory = -1;
}
