/* The paths of the API: one table of kinds, every part percent-encoded. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "kube/client.h"

static const struct kube_kind_info path_kinds[KUBE_KIND_COUNT] = {
	[KUBE_POD] = {"Pod", "", "v1", "pods", true},
	[KUBE_DEPLOYMENT] = {"Deployment", "apps", "v1", "deployments", true},
	[KUBE_REPLICASET] = {"ReplicaSet", "apps", "v1", "replicasets", true},
	[KUBE_SERVICE] = {"Service", "", "v1", "services", true},
	[KUBE_SLICE] = {"EndpointSlice", "discovery.k8s.io", "v1",
			"endpointslices", true},
	[KUBE_CONFIGMAP] = {"ConfigMap", "", "v1", "configmaps", true},
	[KUBE_EVENT_OBJECT] = {"Event", "", "v1", "events", true},
	[KUBE_LEASE] = {"Lease", "coordination.k8s.io", "v1", "leases", true},
	[KUBE_ACCESS_REVIEW] = {"SelfSubjectAccessReview",
				"authorization.k8s.io", "v1",
				"selfsubjectaccessreviews", false},
};

const struct kube_kind_info *kube_kind_info(enum kube_kind kind)
{
	return &path_kinds[kind];
}

static void path_encode(struct buf *path, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c))
			buf_append(path, text, 1);
		else
			buf_printf(path, "%%%02X", c);
	}
}

static void path_part(struct buf *path, const char *text)
{
	buf_puts(path, "/");
	path_encode(path, text);
}

int kube_path(struct buf *path, enum kube_kind kind, const char *namespace_,
	      const char *name, const char *sub)
{
	const struct kube_kind_info *info = kube_kind_info(kind);

	buf_puts(path, info->group[0] ? "/apis" : "/api");
	if (info->group[0])
		path_part(path, info->group);
	path_part(path, info->version);
	if (info->namespaced && namespace_) {
		buf_puts(path, "/namespaces");
		path_part(path, namespace_);
	}
	path_part(path, info->resource);
	if (name)
		path_part(path, name);
	if (sub)
		path_part(path, sub);
	return buf_error(path);
}

int kube_path_query(struct buf *path, const char *name, const char *value)
{
	buf_puts(path, strchr(path->data, '?') ? "&" : "?");
	path_encode(path, name);
	buf_puts(path, "=");
	path_encode(path, value);
	return buf_error(path);
}
