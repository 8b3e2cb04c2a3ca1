/*
 * The Service's address: a TCP proxy that does kube-proxy's part.
 *
 * A new connection goes to the next endpoint in turn and stays there until
 * either side closes it, whatever becomes of the endpoints; with no endpoint
 * it is reset. One thread of its own.
 */
#ifndef CUTOVER_REHEARSAL_BALANCER_H
#define CUTOVER_REHEARSAL_BALANCER_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct balancer;
struct error;

#define BALANCER_LINKS_MAX 20000        /* connections at a time */

/* Listens on address (host byte order) and port. ERR_BUSY: somebody else
 * does. *ret is owned: balancer_close. */
int balancer_open(struct balancer **ret, uint32_t address, uint16_t port,
		  struct error *err);
/* Cuts what is left. Takes NULL. */
void balancer_close(struct balancer *balancer);

/* Where new connections go from now on; copied. Any thread. ERR_NOMEM: as
 * before. */
int balancer_set(struct balancer *balancer, const struct sockaddr_in *endpoints,
		 size_t count);

#endif
