/* What all objects have. See schema.h. */
#include "rehearsal/cluster/schema.h"

static const struct schema_member meta_object_meta[] = {
	{ "name", "string", false }, { "generateName", "string", false },
	{ "namespace", "string", false }, { "selfLink", "string", false },
	{ "uid", "string", false }, { "resourceVersion", "string", false },
	{ "generation", "int64", false },
	{ "creationTimestamp", "Time", false },
	{ "deletionTimestamp", "Time", false },
	{ "deletionGracePeriodSeconds", "int64", false },
	{ "labels", "map[string]string", false },
	{ "annotations", "map[string]string", false },
	{ "ownerReferences", "[]meta.OwnerReference", false },
	{ "finalizers", "[]string", false },
	{ "managedFields", "[]meta.ManagedFieldsEntry", false },
	{ 0 },
};

static const struct schema_member meta_owner_reference[] = {
	{ "apiVersion", "string", true }, { "kind", "string", true },
	{ "name", "string", true }, { "uid", "string", true },
	{ "controller", "bool", false },
	{ "blockOwnerDeletion", "bool", false },
	{ 0 },
};

static const struct schema_member meta_managed_fields_entry[] = {
	{ "manager", "string", false }, { "operation", "string", false },
	{ "apiVersion", "string", false }, { "time", "Time", false },
	{ "fieldsType", "string", false }, { "fieldsV1", "any", false },
	{ "subresource", "string", false },
	{ 0 },
};

static const struct schema_member meta_label_selector[] = {
	{ "matchLabels", "map[string]string", false },
	{ "matchExpressions", "[]meta.LabelSelectorRequirement", false },
	{ 0 },
};

static const struct schema_member meta_label_selector_requirement[] = {
	{ "key", "string", true }, { "operator", "string", true },
	{ "values", "[]string", false },
	{ 0 },
};

static const struct schema_member meta_condition[] = {
	{ "type", "string", true }, { "status", "string", true },
	{ "observedGeneration", "int64", false },
	{ "lastTransitionTime", "Time", true }, { "reason", "string", true },
	{ "message", "string", true },
	{ 0 },
};

const struct schema schema_meta[] = {
	{ "meta.ObjectMeta", meta_object_meta },
	{ "meta.OwnerReference", meta_owner_reference },
	{ "meta.ManagedFieldsEntry", meta_managed_fields_entry },
	{ "meta.LabelSelector", meta_label_selector },
	{ "meta.LabelSelectorRequirement", meta_label_selector_requirement },
	{ "meta.Condition", meta_condition },
	{ 0 },
};
