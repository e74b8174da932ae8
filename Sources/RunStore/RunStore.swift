import CSQLite
import RunRecords
import Synchronization

/// The runs of a folder in a SQLite database, so that they can be listed and compared at once.
///
/// The run folders are the truth. The database, `index.sqlite` beside them, is an index: losing it loses nothing, and
/// `reindex` makes it again. Many processes may write at the same time: the write-ahead log lets readers read on, and
/// writers wait for one another, each for a fraction of a millisecond.
// Sendable because every use of the connection holds the lock.
public final class RunStore: @unchecked Sendable {
  /// The name of the database in the folder of the runs.
  public static let fileName = "index.sqlite"

  /// What a store is opened for.
  public enum Access: Sendable {
    /// Reading and writing; the database is made where there is none.
    case writing
    /// Reading alone. Works in a folder that may not be written to.
    case reading
    /// A database in memory, empty at first, for a folder that may not be written to.
    case memory
  }

  /// The folder of the runs.
  public let output: String

  /// Whether the database was made by this store.
  private let isNew: Bool

  private let lock = Mutex(())
  private let database: Database

  /// Opens the store of a folder.
  ///
  /// - Parameter output: The folder of the runs; for writing it is made where it does not exist.
  /// - Throws: `RecordError`; of the kind `noInput` where there is nothing to read, `badData` where the file is damaged,
  ///   `cannotCreate` where it cannot be made.
  public init(output: String, access: Access) throws(RecordError) {
    self.output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    let path = "\(self.output)/\(Self.fileName)"
    switch access {
    case .writing: try FileAccess.makeFolders(self.output)
    case .reading:
      guard FileAccess.isPlainFile(path) else {
        throw RecordError(.noInput, at: path, "there is no index of runs. Make it with: equipoise runs reindex")
      }
    case .memory: break
    }
    isNew = access == .writing && !FileAccess.exists(path)
    do {
      database = try Database.retrying { () throws(DatabaseFault) in try Self.open(path, access) }
    } catch {
      // A new one that the disk has no room for is no use to anyone.
      if isNew, [EQ_SQLITE_FULL, EQ_SQLITE_INPUT_OUTPUT].contains(Int(error.code)) { Self.removeFiles(path) }
      throw Self.recordError(error, at: path, isOpening: true)
    }
  }

  /// The file of the database.
  public var path: String { "\(output)/\(Self.fileName)" }

  /// Takes the database away again where it was made by this store and holds no run but one: a run that fails leaves
  /// nothing. The store is not used after that.
  ///
  /// A run that another process enters in this very moment is found by the next `reindex`.
  func removeIfNew(holdingAtMost path: String) {
    let others = try? using { database throws(DatabaseFault) in
      try database.integer("SELECT count(*) FROM runs WHERE path <> ?", .text(path))
    }
    guard isNew, others == 0 else { return }
    lock.withLock { _ in database.close() }
    Self.removeFiles(self.path)
  }

  /// Removes a database with the files that SQLite puts beside it.
  static func removeFiles(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { FileAccess.remove(path + suffix) }
  }

  private static func open(_ path: String, _ access: Access) throws(DatabaseFault) -> Database {
    switch access {
    case .writing:
      let database = try Database(path, flags: EQ_SQLITE_OPEN_READ_WRITE | EQ_SQLITE_OPEN_CREATE)
      // File systems that cannot share memory between processes stay with the older journal.
      if try database.text("PRAGMA journal_mode") != "wal" { try database.execute("PRAGMA journal_mode = WAL") }
      // A lost power supply may take the last entries along, not the database; they stand in the folders.
      try database.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;")
      try StoreMigrations.apply(to: database, mayWrite: true)
      return database
    case .reading:
      do {
        let database = try Database(path, flags: EQ_SQLITE_OPEN_READ_ONLY)
        try StoreMigrations.apply(to: database, mayWrite: false)
        return database
      } catch {
        guard [EQ_SQLITE_CANNOT_OPEN, EQ_SQLITE_READONLY].map(Int32.init).contains(error.code) else { throw error }
        // The write-ahead log wants a file of its own, which a folder without the right to write does not get.
        let escaped = path.utf8.map { byte in
          UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || [0x2d, 0x2e, 0x2f, 0x5f].contains(byte)
            ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        let database = try Database(
          "file:\(escaped.joined())?immutable=1", flags: EQ_SQLITE_OPEN_READ_ONLY | EQ_SQLITE_OPEN_URI)
        try StoreMigrations.apply(to: database, mayWrite: false)
        return database
      }
    case .memory:
      let database = try Database(":memory:", flags: EQ_SQLITE_OPEN_READ_WRITE | EQ_SQLITE_OPEN_CREATE)
      try StoreMigrations.apply(to: database, mayWrite: true)
      return database
    }
  }

  /// Uses the database alone among the threads.
  func using<Result>(_ body: (Database) throws(DatabaseFault) -> Result) throws(RecordError) -> Result {
    var outcome = Swift.Result<Result, RecordError>.failure(RecordError(.inputOutput, at: path, "is closed."))
    lock.withLock { _ in
      do throws(DatabaseFault) {
        outcome = .success(try body(database))
      } catch {
        outcome = .failure(Self.recordError(error, at: path))
      }
    }
    return try outcome.get()
  }

  /// The same in one transaction.
  func writing<Result>(_ body: (Database) throws(DatabaseFault) -> Result) throws(RecordError) -> Result {
    try using { database throws(DatabaseFault) in
      try database.transaction { () throws(DatabaseFault) in try body(database) }
    }
  }

  private static func recordError(_ fault: DatabaseFault, at path: String, isOpening: Bool = false) -> RecordError {
    switch Int(fault.code) {
    case 0: RecordError(.badData, at: path, fault.message)
    case _ where fault.isDamage:
      RecordError(.badData, at: path, "is damaged (\(fault.message)). Make it again with: equipoise runs reindex")
    case _ where fault.isBusy:
      RecordError(
        .inputOutput, at: path,
        "other processes have been writing for more than \(Int(Database.patience)) s. Try again later.")
    case EQ_SQLITE_FULL:
      RecordError(.inputOutput, at: path, "writing failed: no space left on the device. Free some room.")
    case EQ_SQLITE_CANNOT_OPEN, EQ_SQLITE_READONLY:
      RecordError(.cannotCreate, at: path, "cannot be written: \(fault.message). Check the rights of the folder.")
    case EQ_SQLITE_INPUT_OUTPUT:
      RecordError(.inputOutput, at: path, "\(isOpening ? "opening" : "access") failed: \(fault.message).")
    default: RecordError(.inputOutput, at: path, "\(fault.message).")
    }
  }
}
