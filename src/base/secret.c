/* See secret.h. */
#include "base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int secret_read(const char *path, char dst[SECRET_MAX], struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return error_errno(err, path, "cannot read the secret");
	len = read(fd, dst, SECRET_MAX - 1);
	close(fd);
	if (len < 0)
		return error_errno(err, path, "cannot read the secret");
	if (len == SECRET_MAX - 1)
		return error_set(err, ERR_LIMIT, path, "too long for a secret");
	dst[len] = '\0';
	dst[strcspn(dst, "\r\n")] = '\0';
	if (!dst[0])
		return error_set(err, ERR_INVALID, path, "the file is empty");
	return 0;
}
