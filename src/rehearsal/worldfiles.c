/* See worldfiles.h. */
#include "rehearsal/worldfiles.h"

#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearsal/files.h"
#include "rehearsal/objects.h"
#include "rehearsal/worlddir.h"
#include "rehearsal/yaml.h"

static void worldfiles_path(const struct worldfiles *files, const char *name,
			    char dst[PATH_MAX])
{
	snprintf(dst, PATH_MAX, "%.*s/%s", WORLDDIR_MAX, files->dir, name);
}

static int worldfiles_save(const char *path, struct buf *buf, mode_t mode,
			   struct error *err)
{
	int rc = buf_error(buf) ? error_nomem(err) :
		 files_write(path, buf->data, mode, err);

	buf_release(buf);
	return rc;
}

static int worldfiles_manifest(const struct worldfiles *files,
			       const char *path, struct error *err)
{
	struct buf buf;

	buf_init(&buf, FILES_TEXT_MAX);
	buf_puts(&buf, "# v2 beside v1, pointed at Aurora, read-only.\n");
	yaml_write(&buf, files->v2);
	return worldfiles_save(path, &buf, 0644, err);
}

static int worldfiles_vars(const struct worldfiles *files,
			   const char *manifest, const char *token,
			   struct error *err)
{
	char option_file[PATH_MAX], service_url[64], path[PATH_MAX];
	const struct {
		const char *name, *value;
	} vars[] = {
		{"namespace", OBJECTS_NAMESPACE},
		{"service", OBJECTS_SERVICE},
		{"v1_deployment", OBJECTS_V1},
		{"v2_deployment", OBJECTS_V2},
		{"container", OBJECTS_CONTAINER},
		{"mysql_file", option_file},
		{"kubeconfig", files->kubeconfig},
		{"context", "practice"},
		{"flag_url", files->flag_url ? files->flag_url : ""},
		{"flag_token_file", files->flag_url ? token : ""},
		{"service_url", service_url},
		{"v2_manifest", manifest},
		{"flag_kind", files->flag_url ? NULL : "configmap"},
	};
	struct buf buf;

	worldfiles_path(files, "my.cnf", option_file);
	worldfiles_path(files, "vars.yaml", path);
	snprintf(service_url, sizeof(service_url), "http://%s:%d",
		 files->service_ip, OBJECTS_PORT);
	buf_init(&buf, FILES_TEXT_MAX);
	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++) {
		if (!vars[i].value)
			continue;
		buf_printf(&buf, "%s: ", vars[i].name);
		yaml_scalar(&buf, vars[i].value);
		buf_puts(&buf, "\n");
	}
	return worldfiles_save(path, &buf, 0644, err);
}

int worldfiles_write(const struct worldfiles *files, struct error *err)
{
	char manifest[PATH_MAX], token[PATH_MAX];
	int rc = 0;

	if (!files->v2)
		return error_nomem(err);
	worldfiles_path(files, "my-app-v2.yaml", manifest);
	worldfiles_path(files, "flag-token", token);
	if (files->flag_url)
		rc = files_write(token, files->flag_token, 0600, err);
	if (!rc)
		rc = worldfiles_manifest(files, manifest, err);
	return rc ? rc : worldfiles_vars(files, manifest, token, err);
}
