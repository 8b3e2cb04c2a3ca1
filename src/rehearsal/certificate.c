/* See certificate.h. */
#include "rehearsal/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/files.h"

#define LIFE_S (2L * 24 * 3600)
#define PEM_MAX 8192

static EVP_PKEY *certificate_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	if (!context || EVP_PKEY_keygen_init(context) <= 0 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context,
						   NID_X9_62_prime256v1) <= 0 ||
	    EVP_PKEY_keygen(context, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

static bool certificate_extend(X509 *cert, int id, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool done;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
	done = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return done;
}

static X509 *certificate_sign(EVP_PKEY *key)
{
	static const unsigned char name[] = "127.0.0.1";
	X509 *cert = X509_new();
	X509_NAME *subject = cert ? X509_get_subject_name(cert) : NULL;
	uint64_t serial = 0;

	if (cert && RAND_bytes((unsigned char *)&serial, 7) == 1 &&
	    X509_set_version(cert, 2) &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), LIFE_S) &&
	    X509_set_pubkey(cert, key) &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1,
				       -1, 0) &&
	    X509_set_issuer_name(cert, subject) &&
	    certificate_extend(cert, NID_basic_constraints,
			       "critical,CA:TRUE") &&
	    certificate_extend(cert, NID_subject_alt_name,
			       "IP:127.0.0.1,DNS:localhost") &&
	    X509_sign(cert, key, EVP_sha256()))
		return cert;
	X509_free(cert);
	return NULL;
}

/* Writes what the memory BIO holds. */
static int certificate_write(BIO *bio, const char *path, mode_t mode,
			     struct error *err)
{
	char text[PEM_MAX];
	int len = BIO_read(bio, text, sizeof(text) - 1);
	int rc;

	if (len <= 0)
		return error_set(err, ERR_NOMEM, path, "nothing to write");
	text[len] = '\0';
	rc = files_write(path, text, mode, err);
	OPENSSL_cleanse(text, sizeof(text));
	return rc;
}

int certificate_make(const char *cert_path, const char *key_path, uid_t uid,
		     gid_t gid, struct error *err)
{
	EVP_PKEY *key = certificate_key();
	X509 *cert = key ? certificate_sign(key) : NULL;
	BIO *key_text = BIO_new(BIO_s_mem()), *cert_text = BIO_new(BIO_s_mem());
	int rc;

	if (!cert || !key_text || !cert_text ||
	    !PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL,
				      NULL) ||
	    !PEM_write_bio_X509(cert_text, cert))
		rc = error_set(err, ERR_NOMEM, NULL,
			       "a certificate can't be made");
	else
		rc = certificate_write(cert_text, cert_path, 0644, err);
	if (!rc)
		rc = certificate_write(key_text, key_path, 0600, err);
	if (!rc && geteuid() == 0 && chown(key_path, uid, gid))
		rc = error_errno(err, key_path, "giving it away");
	BIO_free(cert_text);
	BIO_free(key_text);
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}
