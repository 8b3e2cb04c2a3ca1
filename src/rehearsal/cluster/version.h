/* The server as which the practice cluster shows itself: the one whose answers
 * were recorded. */
#ifndef CUTOVER_REHEARSAL_VERSION_H
#define CUTOVER_REHEARSAL_VERSION_H

#define SERVER_VERSION_MINOR "36"
#define SERVER_VERSION_BEFORE "35"        /* what it still works with */
#define SERVER_VERSION "v1.36.2"

#endif
