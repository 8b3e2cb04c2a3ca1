/*
 * See balancer.h. A link is two sockets and what is under way between them;
 * each event on either moves what can be moved and says what to wait for.
 */
#include "rehearsal/balancer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

#define FLOW_SIZE 16384
#define EVENTS_MAX 64
#define BACKLOG 1024

struct link;

struct link_end {
	struct link *link;
	int fd;
	uint32_t waits_for;     /* epoll events */
	/* Bytes read here, to be written to the other end. */
	char flow[FLOW_SIZE];
	size_t start, len;
	bool ended;             /* nothing more will be read here */
	bool passed_on;         /* the other end knows that */
};

struct link {
	struct link *prev, *next;
	struct link_end ends[2];        /* user, pod */
	bool dead;
};

struct balancer {
	int epoll, listener, wake;
	pthread_t thread;
	bool has_thread;
	struct link links;              /* a ring; the thread's */
	size_t link_count;
	struct link *dead;              /* to be freed after this round */
	pthread_mutex_t lock;           /* guards all below */
	struct sockaddr_in *endpoints;
	size_t endpoint_count, turn;
	bool closing;
};

/* ---- one link ----------------------------------------------------------- */

/* Closes a socket with a reset, as a host without such a service answers. */
static void link_reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static void link_end_it(struct balancer *balancer, struct link *link,
			bool reset)
{
	if (link->dead)
		return;
	for (int i = 0; i < 2; i++) {
		/* Closing alone is not enough: a child that was forked just
		 * now holds the socket until it is another program. */
		epoll_ctl(balancer->epoll, EPOLL_CTL_DEL, link->ends[i].fd,
			  NULL);
		if (reset)
			link_reset(link->ends[i].fd);
		else
			close(link->ends[i].fd);
	}
	link->dead = true;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = balancer->dead;
	balancer->dead = link;
	balancer->link_count--;
}

static bool link_would_block(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ENOTCONN ||
	       errno == EINPROGRESS;
}

/* Moves bytes from one end to the other; false: the link is broken. */
static bool link_move(struct link_end *from, struct link_end *to)
{
	ssize_t done;

	if (!from->len && !from->ended) {
		done = recv(from->fd, from->flow, sizeof(from->flow), 0);
		if (done < 0 && !link_would_block())
			return false;
		from->start = 0;
		from->len = done > 0 ? (size_t)done : 0;
		from->ended = done == 0;
	}
	if (from->len) {
		done = send(to->fd, from->flow + from->start, from->len,
			    MSG_NOSIGNAL);
		if (done < 0 && !link_would_block())
			return false;
		from->start += done > 0 ? (size_t)done : 0;
		from->len -= done > 0 ? (size_t)done : 0;
	}
	if (from->ended && !from->len && !from->passed_on)
		from->passed_on = !shutdown(to->fd, SHUT_WR);
	return true;
}

static void link_wait_for(struct balancer *balancer, struct link_end *end,
			  const struct link_end *other)
{
	struct epoll_event event = {.data.ptr = end};

	if (!end->len && !end->ended)
		event.events |= EPOLLIN;
	if (other->len)
		event.events |= EPOLLOUT;
	if (event.events != end->waits_for)
		epoll_ctl(balancer->epoll, EPOLL_CTL_MOD, end->fd, &event);
	end->waits_for = event.events;
}

static void link_event(struct balancer *balancer, struct link *link,
		       uint32_t events)
{
	struct link_end *user = &link->ends[0], *pod = &link->ends[1];

	if (link->dead)
		return;
	if ((events & EPOLLERR) || !link_move(user, pod) ||
	    !link_move(pod, user))
		link_end_it(balancer, link, true);
	else if (user->passed_on && pod->passed_on)
		link_end_it(balancer, link, false);
	else if ((events & EPOLLHUP) && user->ended && pod->ended)
		link_end_it(balancer, link, false);
	if (link->dead)
		return;
	link_wait_for(balancer, user, pod);
	link_wait_for(balancer, pod, user);
}

/* ---- new connections ---------------------------------------------------- */

/* The endpoint whose turn it is; false: there is none. */
static bool balancer_next(struct balancer *balancer, struct sockaddr_in *ret)
{
	bool found;

	pthread_mutex_lock(&balancer->lock);
	found = balancer->endpoint_count > 0;
	if (found)
		*ret = balancer->endpoints[balancer->turn++ %
					   balancer->endpoint_count];
	pthread_mutex_unlock(&balancer->lock);
	return found;
}

/* A socket on its way to the endpoint, or -1. */
static int balancer_connect(const struct sockaddr_in *endpoint)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)endpoint,
		    sizeof(*endpoint)) && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool balancer_watch(struct balancer *balancer, struct link_end *end)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};

	end->waits_for = event.events;
	return !epoll_ctl(balancer->epoll, EPOLL_CTL_ADD, end->fd, &event);
}

/* Ties user (taken) to an endpoint. */
static void balancer_tie(struct balancer *balancer, int user)
{
	struct sockaddr_in endpoint;
	struct link *link = NULL;
	int pod = -1, one = 1;

	setsockopt(user, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (balancer->link_count < BALANCER_LINKS_MAX &&
	    balancer_next(balancer, &endpoint))
		pod = balancer_connect(&endpoint);
	if (pod >= 0)
		link = calloc(1, sizeof(*link));
	if (!link) {
		link_reset(user);
		if (pod >= 0)
			close(pod);
		return;
	}
	link->ends[0] = (struct link_end){.link = link, .fd = user};
	link->ends[1] = (struct link_end){.link = link, .fd = pod};
	link->next = balancer->links.next;
	link->prev = &balancer->links;
	link->next->prev = link;
	link->prev->next = link;
	balancer->link_count++;
	if (!balancer_watch(balancer, &link->ends[0]) ||
	    !balancer_watch(balancer, &link->ends[1]))
		link_end_it(balancer, link, true);
}

static void balancer_accept(struct balancer *balancer)
{
	int user;

	while ((user = accept4(balancer->listener, NULL, NULL,
			       SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		balancer_tie(balancer, user);
}

/* ---- the thread --------------------------------------------------------- */

static bool balancer_is_closing(struct balancer *balancer)
{
	bool closing;

	pthread_mutex_lock(&balancer->lock);
	closing = balancer->closing;
	pthread_mutex_unlock(&balancer->lock);
	return closing;
}

static void balancer_bury(struct balancer *balancer)
{
	while (balancer->dead) {
		struct link *link = balancer->dead;

		balancer->dead = link->next;
		free(link);
	}
}

static void *balancer_run(void *data)
{
	struct balancer *balancer = data;
	struct epoll_event events[EVENTS_MAX];

	while (!balancer_is_closing(balancer)) {
		int count = epoll_wait(balancer->epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < count; i++) {
			struct link_end *end = events[i].data.ptr;

			if (end)
				link_event(balancer, end->link,
					   events[i].events);
			else
				balancer_accept(balancer);
		}
		balancer_bury(balancer);
	}
	while (balancer->links.next != &balancer->links)
		link_end_it(balancer, balancer->links.next, true);
	balancer_bury(balancer);
	return NULL;
}

static int balancer_listen(struct balancer *balancer, uint32_t address,
			   uint16_t port, struct error *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(address)};
	int one = 1;

	balancer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
				    SOCK_NONBLOCK, 0);
	if (balancer->listener < 0 ||
	    setsockopt(balancer->listener, SOL_SOCKET, SO_REUSEADDR, &one,
		       sizeof(one)) ||
	    bind(balancer->listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(balancer->listener, BACKLOG))
		return errno == EADDRINUSE ?
		       error_set(err, ERR_BUSY, NULL, "port %u is in use",
				 port) :
		       error_errno(err, NULL, "listening on port %u", port);
	return 0;
}

static int balancer_start(struct balancer *balancer, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN};

	balancer->epoll = epoll_create1(EPOLL_CLOEXEC);
	balancer->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Neither carries a link: both mean "accept, and look at closing". */
	if (balancer->epoll < 0 || balancer->wake < 0 ||
	    epoll_ctl(balancer->epoll, EPOLL_CTL_ADD, balancer->listener,
		      &event) ||
	    epoll_ctl(balancer->epoll, EPOLL_CTL_ADD, balancer->wake, &event))
		return error_errno(err, NULL, "preparing the balancer");
	balancer->has_thread = !pthread_create(&balancer->thread, NULL,
					       balancer_run, balancer);
	return balancer->has_thread ? 0 : error_nomem(err);
}

int balancer_open(struct balancer **ret, uint32_t address, uint16_t port,
		  struct error *err)
{
	struct balancer *balancer = calloc(1, sizeof(*balancer));
	int rc;

	if (!balancer)
		return error_nomem(err);
	balancer->epoll = balancer->listener = balancer->wake = -1;
	balancer->links.prev = balancer->links.next = &balancer->links;
	pthread_mutex_init(&balancer->lock, NULL);
	rc = balancer_listen(balancer, address, port, err);
	if (!rc)
		rc = balancer_start(balancer, err);
	if (rc)
		balancer_close(balancer);
	else
		*ret = balancer;
	return rc;
}

void balancer_close(struct balancer *balancer)
{
	int fds[3];

	if (!balancer)
		return;
	if (balancer->has_thread) {
		pthread_mutex_lock(&balancer->lock);
		balancer->closing = true;
		pthread_mutex_unlock(&balancer->lock);
		eventfd_write(balancer->wake, 1);
		pthread_join(balancer->thread, NULL);
	}
	fds[0] = balancer->listener;
	fds[1] = balancer->wake;
	fds[2] = balancer->epoll;
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_mutex_destroy(&balancer->lock);
	free(balancer->endpoints);
	free(balancer);
}

int balancer_set(struct balancer *balancer, const struct sockaddr_in *endpoints,
		 size_t count)
{
	struct sockaddr_in *copy = calloc(count ? count : 1, sizeof(*copy));

	if (!copy)
		return ERR_NOMEM;
	memcpy(copy, endpoints, count * sizeof(*copy));
	pthread_mutex_lock(&balancer->lock);
	free(balancer->endpoints);
	balancer->endpoints = copy;
	balancer->endpoint_count = count;
	pthread_mutex_unlock(&balancer->lock);
	return 0;
}
