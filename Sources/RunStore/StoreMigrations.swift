/// The steps by which an empty database became the present one.
///
/// A step that has been in a release is never changed and never renamed: databases remember by these names what has
/// been done to them. A new one goes to the end, under the next number.
enum StoreMigrations {
  static let all: [(name: String, sql: String)] = [
    (
      "1 runs, configurations, metrics and epochs",
      """
      CREATE TABLE keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
      CREATE TABLE configurations (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE);
      -- Key and value before the configuration: which keys differ is read off the two ends of each key's entries.
      CREATE TABLE parameters (
        key INTEGER NOT NULL, value TEXT NOT NULL, configuration INTEGER NOT NULL,
        PRIMARY KEY (key, value, configuration)) WITHOUT ROWID;
      CREATE TABLE runs (
        id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, seed INTEGER NOT NULL,
        status TEXT NOT NULL, identity TEXT NOT NULL, configuration INTEGER NOT NULL, data TEXT NOT NULL,
        started TEXT NOT NULL, seconds REAL, version TEXT NOT NULL, host TEXT, process INTEGER, stamp TEXT);
      CREATE INDEX runsByIdentity ON runs (identity);
      CREATE INDEX runsByConfiguration ON runs (configuration);
      CREATE TABLE metrics (
        key INTEGER NOT NULL, run INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (key, run)) WITHOUT ROWID;
      CREATE TABLE epochs (
        run INTEGER NOT NULL, number INTEGER NOT NULL, phase TEXT NOT NULL, epoch INTEGER NOT NULL, labelLoss REAL,
        adversaryLoss REAL, accuracy REAL, rocAUC REAL, PRIMARY KEY (run, number)) WITHOUT ROWID;
      """
    )
  ]

  /// "EQRS" in ASCII: by this number in its header a file is known as ours.
  static let applicationID = 0x4551_5253

  /// Brings a database to the present form; nothing is written where it is there already.
  ///
  /// - Throws: `DatabaseFault`; with the code 0 where the database is not ours, or of a newer version.
  static func apply(to database: Database, mayWrite: Bool) throws(DatabaseFault) {
    if try done(in: database) == all.count { return }
    guard mayWrite else {
      throw DatabaseFault(code: 0, message: "is of an older version. Write to it once, or copy it.")
    }
    try database.transaction { () throws(DatabaseFault) in
      // Another process may have been faster.
      let count = try done(in: database)
      if count == 0 {
        try database.execute(
          "PRAGMA application_id = \(applicationID); CREATE TABLE migrations (name TEXT PRIMARY KEY) WITHOUT ROWID;")
      }
      for migration in all.dropFirst(count) {
        try database.execute(migration.sql)
        try database.run("INSERT INTO migrations VALUES (?)", .text(migration.name))
      }
    }
  }

  /// How many of the steps the database has behind it.
  private static func done(in database: Database) throws(DatabaseFault) -> Int {
    let tables = try database.integer("SELECT count(*) FROM sqlite_master") ?? 0
    if tables == 0 { return 0 }
    guard try database.integer("PRAGMA application_id") == applicationID else {
      throw DatabaseFault(code: 0, message: "is a database of another program. Move it away.")
    }
    var names: Set<String> = []
    try database.rows("SELECT name FROM migrations") { names.insert($0.text(0)) }
    guard names == Set(all.prefix(names.count).map(\.name)) else {
      throw DatabaseFault(code: 0, message: "was written by a newer version of Equipoise. Update the tool.")
    }
    return names.count
  }
}
