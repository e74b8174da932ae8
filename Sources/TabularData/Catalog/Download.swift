import CCurl

/// Fetches files over HTTP.
public enum Download {
  /// Fetches a URL into a new file, and waits for it: at most a minute without a byte, and an hour in all.
  ///
  /// - Throws: `DataError` where the server does not answer with the file, or the file cannot be written; no file is
  ///   left then.
  public static func fetch(_ url: String, to path: String) throws(DataError) {
    var status = 0
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    defer { message.deallocate() }
    switch eq_download(url, path, &status, message) {
    case EQ_DOWNLOAD_ANSWERED where status == 200:
      return
    case EQ_DOWNLOAD_NO_LIBRARY:
      throw DataError(
        .noInput, at: url,
        "cannot be downloaded: libcurl is missing. Install it (Debian: libcurl4), or download the file by hand.")
    case EQ_DOWNLOAD_NO_FILE:
      throw DataError(.cannotCreate, at: path, "cannot be written. Check the space and permissions of the cache.")
    case EQ_DOWNLOAD_FAILED:
      throw DataError(
        .noInput, at: url, "cannot be downloaded: \(String(cString: message)). Check the connection and the proxy.")
    default:
      throw DataError(.noInput, at: url, "cannot be downloaded: the server answers \(status). Try again later.")
    }
  }
}
