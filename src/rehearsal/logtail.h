/* The last words of a process that failed, for an error message. */
#ifndef CUTOVER_REHEARSAL_LOGTAIL_H
#define CUTOVER_REHEARSAL_LOGTAIL_H

#define LOGTAIL_SIZE 512

/* The last line that reports an error, or the last line there is, made safe to
 * show; "nothing in PATH" when the file says nothing. */
void logtail_read(const char *path, char dst[LOGTAIL_SIZE]);

#endif
