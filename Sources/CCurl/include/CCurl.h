#pragma once

#pragma clang assume_nonnull begin

/// How a download ended.
typedef enum {
  /// The server answered; its status tells what.
  EQ_DOWNLOAD_ANSWERED,
  /// There is no libcurl on this system.
  EQ_DOWNLOAD_NO_LIBRARY,
  /// The file could not be written.
  EQ_DOWNLOAD_NO_FILE,
  /// The connection failed.
  EQ_DOWNLOAD_FAILED,
} eq_download_outcome;

/// Fetches `url` by HTTP or HTTPS into the new file `path`, redirections followed; waits for it, at most a minute
/// without a byte and an hour in all. Where the outcome is not EQ_DOWNLOAD_ANSWERED with status 200, no file is left.
///
/// libcurl is loaded here and not when the program starts: it brings some thirty libraries, which would take most of
/// the start-up of a program that seldom downloads anything.
///
/// `status` becomes the server's answer, such as 200 or 404; `message`, of 256 bytes, what curl says of a failure.
eq_download_outcome eq_download(const char *url, const char *path, long *status, char *message);

#pragma clang assume_nonnull end
