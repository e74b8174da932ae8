import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Fetches files over HTTP.
public enum Download {
  /// Fetches a URL into a new file, and waits for it: at most a minute without a byte, and an hour in all.
  public static func fetch(_ url: String, to path: String) throws(DataError) {
    guard let address = URL(string: url) else {
      throw DataError(.noInput, at: url, "is not a URL.")
    }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    configuration.timeoutIntervalForResource = 3600
    let session = URLSession(configuration: configuration)
    defer { session.finishTasksAndInvalidate() }
    let outcome = Outcome()
    let done = DispatchSemaphore(value: 0)
    let task = session.downloadTask(with: address) { file, response, error in
      outcome.failure.withLock { $0 = Self.store(file, response, error, url: url, path: path) }
      done.signal()
    }
    task.resume()
    done.wait()
    if let failure = outcome.failure.withLock({ $0 }) { throw failure }
  }

  /// What the task reports to the thread that waits for it.
  private final class Outcome: Sendable {
    let failure = Mutex<DataError?>(nil)
  }

  private static func store(
    _ file: URL?, _ response: URLResponse?, _ error: (any Error)?, url: String, path: String
  ) -> DataError? {
    if let error {
      return DataError(
        .noInput, at: url, "cannot be downloaded: \(error.localizedDescription). Check the connection and the proxy.")
    }
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    guard status == 200, let file else {
      return DataError(.noInput, at: url, "cannot be downloaded: the server answers \(status). Try again later.")
    }
    do {
      try FileManager.default.moveItem(at: file, to: URL(fileURLWithPath: path))
      return nil
    } catch {
      return DataError(.cannotCreate, at: path, "cannot be written. Check the space and permissions of the cache.")
    }
  }
}
