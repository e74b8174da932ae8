#pragma once

#include <stdint.h>

// SQLite's functions, loaded when the first of them is needed and not when the program starts: most commands never open
// a database, and a system without the library can still do everything else.
//
// Each has the meaning of the function of SQLite with the same end of its name.

/// A connection to a database, and a prepared statement.
typedef struct eq_sqlite_database eq_sqlite_database;
typedef struct eq_sqlite_statement eq_sqlite_statement;

/// Result codes, which are part of SQLite's binary interface.
enum {
  EQ_SQLITE_OK = 0,
  EQ_SQLITE_BUSY = 5,
  EQ_SQLITE_LOCKED = 6,
  EQ_SQLITE_READONLY = 8,
  EQ_SQLITE_INPUT_OUTPUT = 10,
  EQ_SQLITE_CORRUPT = 11,
  EQ_SQLITE_FULL = 13,
  EQ_SQLITE_CANNOT_OPEN = 14,
  EQ_SQLITE_PROTOCOL = 15,
  EQ_SQLITE_NO_DATABASE = 26,
  EQ_SQLITE_ROW = 100,
  EQ_SQLITE_DONE = 101,
};

/// The type of a value in a column.
enum { EQ_SQLITE_INTEGER = 1, EQ_SQLITE_REAL = 2, EQ_SQLITE_TEXT = 3, EQ_SQLITE_NULL = 5 };

/// Ways to open a database.
enum { EQ_SQLITE_OPEN_READ_ONLY = 1, EQ_SQLITE_OPEN_READ_WRITE = 2, EQ_SQLITE_OPEN_CREATE = 4, EQ_SQLITE_OPEN_URI = 64 };

/// Whether SQLite is there; it is looked for once. Every other function may be called only where it is.
int eq_sqlite_is_available(void);

/// Opens a database that one thread at a time uses.
int eq_sqlite_open(const char *path, eq_sqlite_database **database, int flags);
int eq_sqlite_close(eq_sqlite_database *database);
const char *eq_sqlite_message(eq_sqlite_database *database);
int eq_sqlite_busy_timeout(eq_sqlite_database *database, int milliseconds);
int eq_sqlite_execute(eq_sqlite_database *database, const char *sql);
int64_t eq_sqlite_last_insert_row(eq_sqlite_database *database);
int eq_sqlite_changes(eq_sqlite_database *database);

int eq_sqlite_prepare(eq_sqlite_database *database, const char *sql, eq_sqlite_statement **statement);
int eq_sqlite_step(eq_sqlite_statement *statement);
int eq_sqlite_reset(eq_sqlite_statement *statement);
int eq_sqlite_finalize(eq_sqlite_statement *statement);

int eq_sqlite_bind_integer(eq_sqlite_statement *statement, int index, int64_t value);
int eq_sqlite_bind_real(eq_sqlite_statement *statement, int index, double value);
/// Binds a copy of the text.
int eq_sqlite_bind_text(eq_sqlite_statement *statement, int index, const char *text, int count);
int eq_sqlite_bind_null(eq_sqlite_statement *statement, int index);

int eq_sqlite_column_type(eq_sqlite_statement *statement, int index);
int64_t eq_sqlite_column_integer(eq_sqlite_statement *statement, int index);
double eq_sqlite_column_real(eq_sqlite_statement *statement, int index);
const unsigned char *eq_sqlite_column_text(eq_sqlite_statement *statement, int index);
int eq_sqlite_column_bytes(eq_sqlite_statement *statement, int index);
