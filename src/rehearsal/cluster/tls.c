/* See tls.h. */
#include "rehearsal/cluster/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define VALID_SECONDS (7L * 24 * 3600)
#define CLOCK_SKEW_SECONDS 300

/* What one certificate says. */
struct request {
	const char *name;
	const char *group;      /* or NULL */
	const char *constraints;
	const char *usage;
	const char *extended;   /* or NULL */
	const char *alternative;/* or NULL */
};

/* A key with its certificate. */
struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

static void pair_release(struct pair *pair)
{
	EVP_PKEY_free(pair->key);
	X509_free(pair->cert);
}

static EVP_PKEY *make_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(
		    ctx, NID_X9_62_prime256v1) <= 0 ||
	    EVP_PKEY_keygen(ctx, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool add_extension(X509 *cert, X509 *issuer, int nid,
			  const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;
	bool ok;

	if (!value)
		return true;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

static bool set_names(X509 *cert, X509 *issuer, const struct request *request)
{
	X509_NAME *name = X509_get_subject_name(cert);

	if (request->group &&
	    !X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
					(const unsigned char *)request->group,
					-1, -1, 0))
		return false;
	return X509_NAME_add_entry_by_txt(
		       name, "CN", MBSTRING_UTF8,
		       (const unsigned char *)request->name, -1, -1, 0) &&
	       X509_set_issuer_name(cert, X509_get_subject_name(issuer));
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[8];
	uint64_t serial;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	memcpy(&serial, bytes, sizeof(serial));
	return ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert),
				       serial >> 1 | 1);
}

static bool fill(struct pair *pair, struct pair *issuer,
		 const struct request *request)
{
	X509 *cert = pair->cert;

	return X509_set_version(cert, 2) && set_serial(cert) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert),
			       -CLOCK_SKEW_SECONDS) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), VALID_SECONDS) &&
	       X509_set_pubkey(cert, pair->key) &&
	       set_names(cert, issuer->cert, request) &&
	       add_extension(cert, issuer->cert, NID_subject_key_identifier,
			     "hash") &&
	       add_extension(cert, issuer->cert, NID_basic_constraints,
			     request->constraints) &&
	       add_extension(cert, issuer->cert, NID_key_usage,
			     request->usage) &&
	       add_extension(cert, issuer->cert, NID_ext_key_usage,
			     request->extended) &&
	       add_extension(cert, issuer->cert, NID_subject_alt_name,
			     request->alternative) &&
	       X509_sign(cert, issuer->key, EVP_sha256());
}

/* issuer NULL signs itself. */
static bool make_pair(struct pair *pair, struct pair *issuer,
		      const struct request *request)
{
	pair->key = make_key();
	pair->cert = X509_new();
	return pair->key && pair->cert &&
	       fill(pair, issuer ? issuer : pair, request);
}

/* The content of a memory BIO as a string; frees the BIO. */
static char *bio_text(BIO *bio, int written)
{
	char *data, *text = NULL;
	long len = bio ? BIO_get_mem_data(bio, &data) : 0;

	if (written == 1 && len > 0)
		text = strndup(data, (size_t)len);
	BIO_free(bio);
	return text;
}

static char *cert_text(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio_text(bio, bio ? PEM_write_bio_X509(bio, cert) : 0);
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio_text(bio, bio ? PEM_write_bio_PrivateKey(
				       bio, key, NULL, NULL, 0, NULL, NULL)
				 : 0);
}

int tls_make(struct tls_material *material, const char *admin,
	     const char *group, struct error *err)
{
	const struct request ca_request = {
		"practice-ca", NULL, "critical,CA:TRUE",
		"critical,keyCertSign,cRLSign", NULL, NULL };
	const struct request server_request = {
		"practice-apiserver", NULL, "critical,CA:FALSE",
		"critical,digitalSignature", "serverAuth",
		"IP:127.0.0.1,DNS:localhost" };
	const struct request admin_request = {
		admin, group, "critical,CA:FALSE",
		"critical,digitalSignature", "clientAuth", NULL };
	struct pair ca = { 0 }, server = { 0 }, client = { 0 };
	int rc = 0;

	*material = (struct tls_material){ 0 };
	if (make_pair(&ca, NULL, &ca_request) &&
	    make_pair(&server, &ca, &server_request) &&
	    make_pair(&client, &ca, &admin_request)) {
		material->ca = cert_text(ca.cert);
		material->server_cert = cert_text(server.cert);
		material->server_key = key_text(server.key);
		material->admin_cert = cert_text(client.cert);
		material->admin_key = key_text(client.key);
	}
	if (!material->ca || !material->server_cert ||
	    !material->server_key || !material->admin_cert ||
	    !material->admin_key) {
		tls_release(material);
		rc = error_set(err, ERR_IO, NULL,
			       "cannot make the practice cluster's "
			       "certificates: %s",
			       ERR_reason_error_string(ERR_peek_error()));
	}
	pair_release(&ca);
	pair_release(&server);
	pair_release(&client);
	return rc;
}

static void wipe(char *text)
{
	if (text)
		text_wipe(text, strlen(text));
	free(text);
}

void tls_release(struct tls_material *material)
{
	free(material->ca);
	free(material->server_cert);
	free(material->admin_cert);
	wipe(material->server_key);
	wipe(material->admin_key);
	*material = (struct tls_material){ 0 };
}
