import OrderedJSON

/// What is wrong with a request: where, what was found, and what to do about it.
public struct ServiceError: Error, Sendable, Equatable {
  /// The status of the answer.
  public enum Status: Int, Sendable, Hashable, CaseIterable {
    /// The body is no JSON.
    case badRequest = 400
    /// There is nothing under this path, or no prediction of this name.
    case notFound = 404
    /// The path is asked with another method.
    case methodNotAllowed = 405
    /// The request did not arrive in time.
    case timeout = 408
    /// The body is too long, or has too many rows.
    case tooLarge = 413
    /// The JSON does not say what is to be scored.
    case unprocessable = 422
    /// The headers are too long.
    case headersTooLarge = 431
    /// The fault is on this side.
    case internalError = 500
  }

  /// The status of the answer.
  public var status: Status

  /// The place: `request:1:17`, with the keys that lead there where there are any.
  public var place: String

  /// What was found.
  public var found: String

  /// What to do.
  public var remedy: String

  public init(_ status: Status, at place: String, found: String, remedy: String) {
    self.status = status
    self.place = place
    self.found = found
    self.remedy = remedy
  }

  /// A fault of the JSON text.
  init(_ error: JSONError) {
    self.init(
      .badRequest, at: error.place.description, message: error.message, keys: error.keyPath,
      remedy: "Send one JSON value in UTF-8.")
  }

  /// A message of two sentences or one: what was found, and what to do.
  init(_ status: Status, at place: String, message: String, keys: [String] = [], remedy: String) {
    let whole = keys.isEmpty ? place : "\(place) (\(keys.joined(separator: ".")))"
    // The first full stop between two sentences; one within quotation marks would be followed by no capital letter.
    let bytes = Array(message.utf8)
    let end = bytes.indices.dropLast(2).first {
      bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: " ") && (0x41...0x5a).contains(bytes[$0 + 2])
    }
    guard let end else {
      self.init(status, at: whole, found: message, remedy: remedy)
      return
    }
    self.init(
      status, at: whole, found: String(decoding: bytes[...end], as: UTF8.self),
      remedy: String(decoding: bytes[(end + 2)...], as: UTF8.self))
  }

  /// `{"error": {"place": …, "found": …, "remedy": …}}`.
  public var json: JSON {
    ["error": ["place": .string(place), "found": .string(found), "remedy": .string(remedy)]]
  }
}
