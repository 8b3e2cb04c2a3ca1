/* See kubeconfig.h. JSON is YAML too, so Jansson writes the file. */
#include "rehearsal/cluster/kubeconfig.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/tls.h"

static json_t *base64(const char *text)
{
	size_t len = strlen(text);
	unsigned char *encoded = malloc((len + 2) / 3 * 4 + 1);
	json_t *value;

	if (!encoded)
		return NULL;
	EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)len);
	value = json_string((char *)encoded);
	free(encoded);
	return value;
}

static json_t *context(const char *name, const char *user)
{
	return json_pack("{s:s,s:{s:s,s:s,s:s}}", "name", name, "context",
			 "cluster", "practice", "user", user,
			 "namespace", "shop");
}

static json_t *token_user(const struct access_tokens *tokens,
			  const char *name, enum access_user user)
{
	return json_pack("{s:s,s:{s:s}}", "name", name, "user", "token",
			 tokens->text[user]);
}

static json_t *document(const char *url, const struct tls_material *tls,
			const struct access_tokens *tokens)
{
	return json_pack(
		"{s:s,s:s,s:[{s:s,s:{s:s,s:o}}],"
		"s:[{s:s,s:{s:o,s:o}},o,o,o,o],s:[o,o,o,o,o],s:s,s:{}}",
		"apiVersion", "v1", "kind", "Config",
		"clusters", "name", "practice", "cluster", "server", url,
		"certificate-authority-data", base64(tls->ca),
		"users", "name", "practice-admin", "user",
		"client-certificate-data", base64(tls->admin_cert),
		"client-key-data", base64(tls->admin_key),
		token_user(tokens, "practice-admin-token", ACCESS_ADMIN),
		token_user(tokens, "practice-reader", ACCESS_READER),
		token_user(tokens, "practice-deployer", ACCESS_DEPLOYER),
		token_user(tokens, "practice-nobody", ACCESS_NOBODY),
		"contexts", context("practice", "practice-admin"),
		context("practice-token", "practice-admin-token"),
		context("practice-reader", "practice-reader"),
		context("practice-deployer", "practice-deployer"),
		context("practice-nobody", "practice-nobody"),
		"current-context", "practice", "preferences");
}

static int write_file(const char *path, const char *text, struct error *err)
{
	char temporary[PATH_MAX];
	size_t len = strlen(text);
	ssize_t written;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(err, temporary, "cannot create it");
	written = write(fd, text, len);
	if (close(fd) || written != (ssize_t)len)
		return error_errno(err, temporary, "cannot write it");
	if (rename(temporary, path))
		return error_errno(err, path, "cannot replace it");
	return 0;
}

int practice_kubeconfig_write(const char *path, const char *url,
			      const struct tls_material *tls,
			      const struct access_tokens *tokens,
			      struct error *err)
{
	json_t *config = document(url, tls, tokens);
	char *text = config ? json_dumps(config, JSON_INDENT(2)) : NULL;
	int rc = text ? write_file(path, text, err) : error_nomem(err);

	free(text);
	json_decref(config);
	return rc;
}
