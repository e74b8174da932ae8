#include "CCurl.h"

#include <dlfcn.h>
#include <stdio.h>

// The numbers are part of libcurl's binary interface, which has been the same since version 7.16; written down here,
// so that building needs no headers of curl.
enum {
  OPTION_WRITE_DATA = 10001,
  OPTION_URL = 10002,
  OPTION_ERROR_BUFFER = 10010,
  OPTION_TIMEOUT = 13,
  OPTION_LOW_SPEED_LIMIT = 19,
  OPTION_LOW_SPEED_TIME = 20,
  OPTION_FOLLOW_LOCATION = 52,
  OPTION_CONNECT_TIMEOUT = 78,
  OPTION_NO_SIGNAL = 99,
  OPTION_PROTOCOLS = 181,
  INFO_RESPONSE_CODE = 0x200002,
  PROTOCOLS_HTTP_AND_HTTPS = 3,
  CODE_WRITE_ERROR = 23,
};

typedef struct {
  void *(*init)(void);
  int (*set)(void *handle, int option, ...);
  int (*perform)(void *handle);
  int (*info)(void *handle, int what, ...);
  void (*cleanup)(void *handle);
  const char *(*message)(int code);
} Curl;

static int load(Curl *curl) {
  // Linux, Debian's other build of it, and macOS.
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "/usr/lib/libcurl.4.dylib"};
  void *library = NULL;
  for (unsigned i = 0; !library && i < sizeof names / sizeof *names; i++) library = dlopen(names[i], RTLD_NOW);
  if (!library) return 0;
  *(void **)&curl->init = dlsym(library, "curl_easy_init");
  *(void **)&curl->set = dlsym(library, "curl_easy_setopt");
  *(void **)&curl->perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl->info = dlsym(library, "curl_easy_getinfo");
  *(void **)&curl->cleanup = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl->message = dlsym(library, "curl_easy_strerror");
  return curl->init && curl->set && curl->perform && curl->info && curl->cleanup && curl->message;
}

eq_download_outcome eq_download(const char *url, const char *path, long *status, char *message) {
  *status = 0;
  message[0] = 0;
  Curl curl;
  void *handle = load(&curl) ? curl.init() : NULL;
  if (!handle) return EQ_DOWNLOAD_NO_LIBRARY;
  FILE *file = fopen(path, "wbx");
  if (!file) {
    curl.cleanup(handle);
    return EQ_DOWNLOAD_NO_FILE;
  }
  curl.set(handle, OPTION_URL, url);
  // Without a function to write with, curl writes to this file.
  curl.set(handle, OPTION_WRITE_DATA, file);
  curl.set(handle, OPTION_ERROR_BUFFER, message);
  curl.set(handle, OPTION_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
  curl.set(handle, OPTION_FOLLOW_LOCATION, 1L);
  curl.set(handle, OPTION_NO_SIGNAL, 1L);
  curl.set(handle, OPTION_CONNECT_TIMEOUT, 60L);
  curl.set(handle, OPTION_LOW_SPEED_LIMIT, 1L);
  curl.set(handle, OPTION_LOW_SPEED_TIME, 60L);
  curl.set(handle, OPTION_TIMEOUT, 3600L);
  int code = curl.perform(handle);
  if (code != 0 && message[0] == 0) snprintf(message, 256, "%s", curl.message(code));
  curl.info(handle, INFO_RESPONSE_CODE, status);
  curl.cleanup(handle);
  int is_written = fclose(file) == 0 && code != CODE_WRITE_ERROR;
  if (code != 0 || !is_written || *status != 200) remove(path);
  return !is_written ? EQ_DOWNLOAD_NO_FILE : code != 0 ? EQ_DOWNLOAD_FAILED : EQ_DOWNLOAD_ANSWERED;
}
