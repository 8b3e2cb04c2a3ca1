/*
 * See connection.h. This is the loop's half: timers, callbacks and the list of
 * commands that are out; the thread is in worker.c. A callback may close the
 * connection, so what was collected is kept in it and the loop over it looks
 * again each time.
 */
#include "db/connection.h"

#include <stdlib.h>
#include <string.h>

#include "db/worker.h"
#include "net/loop.h"

struct db_connection {
	struct loop *loop;
	struct loop_fd *watch;
	struct db_worker *worker;
	db_state_fn *on_state;
	void *data;
	char where[DB_WHERE_MAX];
	struct db_worker_status status;
	struct db_command *out;         /* all that are not answered yet */
	size_t out_count;
	struct db_command *collected;   /* done, callback still to come */
	bool delivering, closed;
};

static void connection_free(struct db_connection *connection)
{
	while (connection->collected) {
		struct db_command *next = connection->collected->next;

		db_command_free(connection->collected);
		connection->collected = next;
	}
	free(connection);
}

/* ---- commands that are out ------------------------------------------------ */

static void out_add(struct db_connection *connection,
		    struct db_command *command)
{
	command->after = connection->out;
	if (connection->out)
		connection->out->before = command;
	connection->out = command;
	connection->out_count++;
}

static void out_remove(struct db_connection *connection,
		       struct db_command *command)
{
	if (command->after)
		command->after->before = command->before;
	if (command->before)
		command->before->after = command->after;
	else
		connection->out = command->after;
	connection->out_count--;
	loop_timer_cancel(command->timer);
	command->timer = NULL;
}

static void on_deadline(void *data)
{
	struct db_command *command = data;

	command->timer = NULL;          /* fired: the handle is spent */
	db_worker_expire(command->connection->worker, command);
}

/* ---- what comes back ------------------------------------------------------ */

static void deliver_state(struct db_connection *connection,
			  unsigned int changes_before)
{
	const struct db_worker_status *status = &connection->status;

	if (status->changes != changes_before && connection->on_state)
		connection->on_state(connection->data, status->state,
				     status->state == DB_DOWN ? &status->err :
				     NULL);
}

static void deliver_first(struct db_connection *connection)
{
	struct db_command *command = connection->collected;

	connection->collected = command->next;
	out_remove(connection, command);
	command->callback(command->data, &command->result,
			  command->code ? &command->err : NULL);
	db_command_free(command);
}

static void on_wake(void *data, short revents)
{
	struct db_connection *connection = data;
	unsigned int changes_before = connection->status.changes;

	(void)revents;
	connection->collected = db_worker_collect(connection->worker,
						  &connection->status);
	connection->delivering = true;
	deliver_state(connection, changes_before);
	while (!connection->closed && connection->collected)
		deliver_first(connection);
	connection->delivering = false;
	if (connection->closed)
		connection_free(connection);
}

/* ---- the calls ------------------------------------------------------------ */

int db_open(struct loop *loop, const struct db_config *config,
	    const struct db_options *options, db_state_fn *on_state,
	    void *data, struct db_connection **ret_connection,
	    struct error *err)
{
	static const struct db_options defaults;
	struct db_connection *connection = calloc(1, sizeof(*connection));
	struct db_worker_setup setup = {.config = config};
	int rc;

	if (!connection)
		return error_nomem(err);
	if (!options)
		options = &defaults;
	setup.connect_ms = options->connect_ms > 0 ? options->connect_ms :
			   config->connect_timeout_ms > 0 ?
			   config->connect_timeout_ms : DB_CONNECT_MS;
	setup.reconnect = options->reconnect;
	setup.program = options->program ? options->program : "cutover";
	connection->loop = loop;
	connection->on_state = on_state;
	connection->data = data;
	db_config_where(config, connection->where);
	rc = db_worker_start(&setup, &connection->worker, err);
	if (rc) {
		free(connection);
		return rc;
	}
	rc = loop_watch_fd(loop, db_worker_wake_fd(connection->worker), POLLIN,
			   on_wake, connection, &connection->watch, err);
	if (rc) {
		db_worker_release(connection->worker);
		free(connection);
		return rc;
	}
	*ret_connection = connection;
	return 0;
}

int db_query(struct db_connection *connection, const char *sql,
	     int64_t timeout_ms, db_answer_fn *callback, void *data,
	     struct error *err)
{
	return db_query_session(connection, 0, sql, timeout_ms, callback, data,
				err);
}

int db_query_session(struct db_connection *connection, unsigned int generation,
		     const char *sql, int64_t timeout_ms,
		     db_answer_fn *callback, void *data, struct error *err)
{
	struct db_command *command;
	int rc;

	if (connection->out_count == DB_QUEUE_MAX)
		return error_set(err, ERR_LIMIT, connection->where,
				 "more than %u statements wait", DB_QUEUE_MAX);
	if (strnlen(sql, DB_STATEMENT_MAX + 1) > DB_STATEMENT_MAX)
		return error_set(err, ERR_LIMIT, connection->where,
				 "a statement is longer than %u bytes",
				 DB_STATEMENT_MAX);
	command = calloc(1, sizeof(*command));
	if (!command)
		return error_nomem(err);
	command->connection = connection;
	command->timeout_ms = timeout_ms;
	command->generation = generation;
	command->callback = callback;
	command->data = data;
	command->sql = strdup(sql);
	rc = command->sql ? loop_timer(connection->loop, timeout_ms, 0,
				       on_deadline, command, &command->timer,
				       err) : error_nomem(err);
	if (rc) {
		db_command_free(command);
		return rc;
	}
	out_add(connection, command);
	db_worker_submit(connection->worker, command);
	return 0;
}

void db_cancel(struct db_connection *connection)
{
	db_worker_cancel(connection->worker);
}

void db_close(struct db_connection *connection)
{
	if (!connection)
		return;
	for (struct db_command *command = connection->out; command;
	     command = command->after)
		loop_timer_cancel(command->timer);
	loop_unwatch_fd(connection->watch);
	db_worker_release(connection->worker);
	connection->closed = true;
	if (!connection->delivering)
		connection_free(connection);
}

enum db_state db_connection_state(const struct db_connection *connection)
{
	return connection->status.state;
}

const char *db_connection_where(const struct db_connection *connection)
{
	return connection->where;
}

const char *db_connection_cipher(const struct db_connection *connection)
{
	return connection->status.cipher;
}

unsigned int db_connection_generation(const struct db_connection *connection)
{
	return connection->status.generation;
}

unsigned long db_connection_session(const struct db_connection *connection)
{
	return connection->status.state == DB_READY ?
	       connection->status.session : 0;
}
