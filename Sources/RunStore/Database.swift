import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What SQLite says of a failure.
struct DatabaseFault: Error {
  /// The primary result code.
  var code: Int32
  var message: String

  /// Whether another process holds the lock that is needed.
  var isBusy: Bool { [EQ_SQLITE_BUSY, EQ_SQLITE_LOCKED, EQ_SQLITE_PROTOCOL].map(Int32.init).contains(code) }

  /// Whether the file is no database any more.
  var isDamage: Bool { [EQ_SQLITE_CORRUPT, EQ_SQLITE_NO_DATABASE].map(Int32.init).contains(code) }
}

/// A connection to a SQLite database, used by one thread at a time.
final class Database {
  private let connection: OpaquePointer
  private var statements: [String: Statement] = [:]
  private var isClosed = false

  /// How long a write waits for those of other processes, in seconds.
  static let patience = 60.0

  /// - Parameter path: The file, or a URI where the flags say so.
  init(_ path: String, flags: Int) throws(DatabaseFault) {
    guard eq_sqlite_is_available() != 0 else {
      throw DatabaseFault(code: 0, message: "SQLite is not installed. On Debian: apt-get install libsqlite3-0.")
    }
    var opened: OpaquePointer?
    let code = eq_sqlite_open(path, &opened, Int32(flags))
    guard let opened else { throw DatabaseFault(code: code & 0xff, message: "out of memory") }
    connection = opened
    guard code == EQ_SQLITE_OK else {
      let message = String(cString: eq_sqlite_message(opened))
      eq_sqlite_close(opened)
      throw DatabaseFault(code: code & 0xff, message: message)
    }
    // Several processes that start to write together sleep for at most 100 ms between two attempts.
    eq_sqlite_busy_timeout(opened, 10_000)
  }

  deinit { close() }

  /// Ends the connection; nothing may be asked of it any more.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    for statement in statements.values { statement.finalize() }
    statements = [:]
    eq_sqlite_close(connection)
  }

  /// Carries out statements that return nothing.
  func execute(_ sql: String) throws(DatabaseFault) {
    try check(eq_sqlite_execute(connection, sql))
  }

  /// Carries out a statement with its values; it is prepared once.
  func run(_ sql: String, _ values: DatabaseValue...) throws(DatabaseFault) {
    try rows(sql, values) { _ in }
  }

  /// Carries out a query; `body` sees one row after the other.
  func rows(_ sql: String, _ values: [DatabaseValue] = [], _ body: (Statement) -> Void) throws(DatabaseFault) {
    let statement = try prepared(sql)
    defer { statement.reset() }
    try check(statement.bind(values))
    while true {
      let code = statement.step()
      if code == EQ_SQLITE_DONE { return }
      guard code == EQ_SQLITE_ROW else { throw fault(code) }
      body(statement)
    }
  }

  /// The whole number that a query returns, or nil where it returns no row.
  func integer(_ sql: String, _ values: DatabaseValue...) throws(DatabaseFault) -> Int? {
    var result: Int?
    try rows(sql, values) { result = $0.integer(0) }
    return result
  }

  /// The text that a query returns, or nil where it returns no row.
  func text(_ sql: String, _ values: DatabaseValue...) throws(DatabaseFault) -> String? {
    var result: String?
    try rows(sql, values) { result = $0.text(0) }
    return result
  }

  /// The row that was inserted last.
  var lastInsertedRow: Int { Int(eq_sqlite_last_insert_row(connection)) }

  /// How many rows the last statement changed.
  var changes: Int { Int(eq_sqlite_changes(connection)) }

  /// Does all of `body` or nothing of it, alone among the processes that write.
  ///
  /// The lock is taken at the start, so that nothing has to be repeated that has begun; taking it is tried again until
  /// `patience` is at its end.
  func transaction<Result>(_ body: () throws(DatabaseFault) -> Result) throws(DatabaseFault) -> Result {
    try Self.retrying { () throws(DatabaseFault) in try execute("BEGIN IMMEDIATE") }
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some failures have ended the transaction themselves; then this fails, which says nothing new.
      try? execute("ROLLBACK")
      throw error
    }
  }

  /// Does something again as long as another process is in the way, at most for `patience`.
  static func retrying<Result>(_ body: () throws(DatabaseFault) -> Result) throws(DatabaseFault) -> Result {
    let end = ContinuousClock.now + .seconds(patience)
    var pause: UInt32 = 1000
    while true {
      do {
        return try body()
      } catch {
        guard error.isBusy, ContinuousClock.now < end else { throw error }
        usleep(UInt32.random(in: pause / 2...pause))
        pause = min(pause * 2, 100_000)
      }
    }
  }

  private func prepared(_ sql: String) throws(DatabaseFault) -> Statement {
    if let statement = statements[sql] { return statement }
    var pointer: OpaquePointer?
    try check(eq_sqlite_prepare(connection, sql, &pointer))
    guard let pointer else { throw DatabaseFault(code: 1, message: "an empty statement") }
    let statement = Statement(pointer)
    statements[sql] = statement
    return statement
  }

  private func check(_ code: Int32) throws(DatabaseFault) {
    guard code == EQ_SQLITE_OK else { throw fault(code) }
  }

  private func fault(_ code: Int32) -> DatabaseFault {
    // The rest of an extended code only says which call of the system failed.
    DatabaseFault(code: code & 0xff, message: String(cString: eq_sqlite_message(connection)))
  }
}

/// A value that a statement is given.
enum DatabaseValue {
  case integer(Int)
  case real(Double)
  case text(String)
  case null

  init(_ value: Int?) { self = value.map(DatabaseValue.integer) ?? .null }
  init(_ value: Double?) { self = value.map(DatabaseValue.real) ?? .null }
  init(_ value: String?) { self = value.map(DatabaseValue.text) ?? .null }
}

/// A prepared statement.
final class Statement {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  func bind(_ values: [DatabaseValue]) -> Int32 {
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      let code: Int32
      switch value {
      case .integer(let value): code = eq_sqlite_bind_integer(pointer, place, Int64(value))
      case .real(let value): code = eq_sqlite_bind_real(pointer, place, value)
      case .text(var value):
        code = value.withUTF8 { bytes in
          // An empty text has no address, and SQLite takes none for NULL.
          bytes.withMemoryRebound(to: CChar.self) { chars in
            chars.baseAddress.map { eq_sqlite_bind_text(pointer, place, $0, Int32(chars.count)) }
              ?? eq_sqlite_bind_text(pointer, place, "", 0)
          }
        }
      case .null: code = eq_sqlite_bind_null(pointer, place)
      }
      if code != EQ_SQLITE_OK { return code }
    }
    return Int32(EQ_SQLITE_OK)
  }

  func step() -> Int32 { eq_sqlite_step(pointer) }
  func reset() { eq_sqlite_reset(pointer) }
  func finalize() { eq_sqlite_finalize(pointer) }

  func integer(_ column: Int) -> Int { Int(eq_sqlite_column_integer(pointer, Int32(column))) }
  func real(_ column: Int) -> Double { eq_sqlite_column_real(pointer, Int32(column)) }
  func isNull(_ column: Int) -> Bool { eq_sqlite_column_type(pointer, Int32(column)) == EQ_SQLITE_NULL }
  func optionalReal(_ column: Int) -> Double? { isNull(column) ? nil : real(column) }
  func optionalInteger(_ column: Int) -> Int? { isNull(column) ? nil : integer(column) }

  func text(_ column: Int) -> String {
    guard let bytes = eq_sqlite_column_text(pointer, Int32(column)) else { return "" }
    let count = Int(eq_sqlite_column_bytes(pointer, Int32(column)))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}
