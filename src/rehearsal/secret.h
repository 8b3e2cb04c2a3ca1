/* Random words: passwords, tokens, the run's prefix of write ids. */
#ifndef CUTOVER_REHEARSAL_SECRET_H
#define CUTOVER_REHEARSAL_SECRET_H

struct error;

#define SECRET_SIZE 33          /* 32 hexadecimal digits and a NUL */

/* 128 random bits in hexadecimal. 0 or ERR_IO. */
int secret_make(char dst[SECRET_SIZE], struct error *err);

#endif
