/* See secret.h. */
#include "rehearsal/secret.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/error.h"

int secret_make(char dst[SECRET_SIZE], struct error *err)
{
	unsigned char bytes[(SECRET_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_errno(err, NULL, "asking for random bytes");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(dst + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}
