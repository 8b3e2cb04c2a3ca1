/* See piece.h. */
#include "journal/piece.h"

#include "base/clock.h"
#include "journal/writer.h"

void piece_init(struct piece *piece, struct disk *disk)
{
	*piece = (struct piece){.disk = disk};
	buf_init(&piece->lines, JOURNAL_SIZE_MAX);
}

void piece_free(struct piece *piece)
{
	json_decref(piece->asked);
	json_decref(piece->records);
	piece->asked = piece->records = NULL;
	piece->forgotten = piece->cutting = piece->late = false;
	buf_clear(&piece->lines);
}

/* ---- the disk's part ------------------------------------------------------ */

/* On the writer's thread, where there is one: until it is done, disk and lines
 * are its own. */
static int piece_write(void *data, struct error *err)
{
	struct piece *piece = data;
	int status;

	if (!piece->cutting)
		return disk_write(piece->disk, piece->lines.data,
				  piece->lines.len, err);
	status = disk_cut(piece->disk, err);
	return status ? status : disk_sync(piece->disk, err);
}

static int piece_result(struct piece *piece, struct error *err)
{
	return piece->writer ? writer_result(piece->writer, err) :
			       piece_write(piece, err);
}

static int piece_say_late(struct piece *piece, struct error *err)
{
	char since[CLOCK_STAMP_MAX];

	piece->late = true;
	clock_duration(clock_mono_ms() - piece->since_ms, since);
	error_set(err, ERR_TIMEOUT, piece->disk->path,
		  "is not on disk after %s; the disk does not answer", since);
	return ERR_TIMEOUT;
}

/* Waits for what is on its way, as long as one's patience lasts; only once. */
static int piece_wait(struct piece *piece, struct error *err)
{
	if (piece->writer &&
	    !writer_wait(piece->writer, piece->late ? 0 : piece->patience_ms))
		return piece_say_late(piece, err);
	return 0;
}

void piece_set_patience(struct piece *piece, int64_t ms)
{
	piece->patience_ms = ms;
	/* without a thread it takes as long as it takes */
	if (!piece->writer)
		(void)writer_open(piece_write, piece, &piece->writer, NULL);
}

bool piece_is_late(struct piece *piece)
{
	return piece->asked && piece_wait(piece, NULL) != 0;
}

/* ---- taking back ---------------------------------------------------------- */

void piece_forget(struct piece *piece)
{
	piece->forgotten = piece->asked != NULL;
}

void piece_tidy(struct piece *piece)
{
	if (!piece->forgotten || !piece->writer ||
	    !writer_wait(piece->writer, 0))
		return;
	if (piece->cutting) {
		/* what could not be cut off is, before the next piece */
		piece_free(piece);
		return;
	}
	piece->cutting = true;
	writer_begin(piece->writer);
}

void piece_close(struct piece *piece)
{
	if (piece->asked && piece->writer) {
		(void)writer_wait(piece->writer, WRITER_AS_LONG_AS_IT_TAKES);
		if (piece->forgotten || writer_result(piece->writer, NULL))
			(void)disk_cut(piece->disk, NULL);
	}
	writer_close(piece->writer);
	piece_free(piece);
	buf_release(&piece->lines);
}

/* ---- putting -------------------------------------------------------------- */

/* The same entries ask for the same piece. A new value, or NULL. */
static json_t *piece_ask(const struct journal_entry *entries, size_t count)
{
	json_t *asked = json_array();

	for (size_t i = 0; i < count && asked; i++)
		if (json_array_append_new(asked, json_pack("[i O?]",
				(int)entries[i].event, entries[i].fields))) {
			json_decref(asked);
			asked = NULL;
		}
	return asked;
}

/* All that can fail but the disk is done before it is asked. Takes asked. */
static int piece_make(struct piece *piece, const struct chain *chain,
		      int64_t mono_ms, const struct journal_entry *entries,
		      json_t *asked, struct error *err)
{
	const int64_t at_ms = clock_wall_ms();
	int status;

	piece->asked = asked;
	piece->next = *chain;
	piece->since_ms = clock_mono_ms();
	piece->records = json_array();
	status = piece->records ? 0 : error_nomem(err);
	for (size_t i = 0; !status && i < json_array_size(asked); i++) {
		json_t *record = NULL;

		status = chain_put(&piece->next, at_ms, mono_ms,
				   entries[i].event, entries[i].fields,
				   &piece->lines, &record, err);
		if (!status && json_array_append_new(piece->records, record))
			status = error_nomem(err);
	}
	if (status)
		piece_free(piece);
	return status;
}

/* Something else was asked for before: it must be out of the way. */
static int piece_clear(struct piece *piece, const json_t *asked,
		       struct error *err)
{
	int status;

	if (!piece->asked || (!piece->forgotten &&
			      json_equal(piece->asked, asked)))
		return 0;
	piece->forgotten = true;
	status = piece_wait(piece, err);
	if (!status)
		piece_free(piece);
	return status;
}

int piece_put(struct piece *piece, const struct chain *chain, int64_t mono_ms,
	      const struct journal_entry *entries, size_t count,
	      struct error *err)
{
	json_t *asked = piece_ask(entries, count);
	int status = asked ? piece_clear(piece, asked, err) : error_nomem(err);

	if (!status && !piece->asked) {
		status = piece_make(piece, chain, mono_ms, entries,
				    json_incref(asked), err);
		if (!status && piece->writer)
			writer_begin(piece->writer);
	}
	json_decref(asked);
	if (!status)
		status = piece_wait(piece, err);
	if (status)
		return status;
	status = piece_result(piece, err);
	if (status)
		piece_free(piece);
	return status;
}
