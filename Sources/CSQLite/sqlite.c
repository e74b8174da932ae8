#include "CSQLite.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Connections are never shared between threads without a lock.
enum { OPEN_NO_MUTEX = 0x8000 };

static struct {
  int (*open)(const char *, eq_sqlite_database **, int, const char *);
  int (*close)(eq_sqlite_database *);
  const char *(*message)(eq_sqlite_database *);
  int (*busy_timeout)(eq_sqlite_database *, int);
  int (*execute)(eq_sqlite_database *, const char *, void *, void *, void *);
  int64_t (*last_insert_row)(eq_sqlite_database *);
  int (*changes)(eq_sqlite_database *);
  int (*prepare)(eq_sqlite_database *, const char *, int, eq_sqlite_statement **, const char **);
  int (*step)(eq_sqlite_statement *);
  int (*reset)(eq_sqlite_statement *);
  int (*finalize)(eq_sqlite_statement *);
  int (*bind_integer)(eq_sqlite_statement *, int, int64_t);
  int (*bind_real)(eq_sqlite_statement *, int, double);
  int (*bind_text)(eq_sqlite_statement *, int, const char *, int, void (*)(void *));
  int (*bind_null)(eq_sqlite_statement *, int);
  int (*column_type)(eq_sqlite_statement *, int);
  int64_t (*column_integer)(eq_sqlite_statement *, int);
  double (*column_real)(eq_sqlite_statement *, int);
  const unsigned char *(*column_text)(eq_sqlite_statement *, int);
  int (*column_bytes)(eq_sqlite_statement *, int);
} sqlite;

static int is_available;
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
  // Linux and macOS.
  static const char *const names[] = {"libsqlite3.so.0", "/usr/lib/libsqlite3.dylib"};
  void *library = NULL;
  for (unsigned i = 0; !library && i < sizeof names / sizeof *names; i++) library = dlopen(names[i], RTLD_NOW);
  if (!library) return;
  int missing = 0;
#define LOAD(field, name) missing += !(*(void **)&sqlite.field = dlsym(library, "sqlite3_" name))
  LOAD(open, "open_v2");
  LOAD(close, "close_v2");
  LOAD(message, "errmsg");
  LOAD(busy_timeout, "busy_timeout");
  LOAD(execute, "exec");
  LOAD(last_insert_row, "last_insert_rowid");
  LOAD(changes, "changes");
  LOAD(prepare, "prepare_v2");
  LOAD(step, "step");
  LOAD(reset, "reset");
  LOAD(finalize, "finalize");
  LOAD(bind_integer, "bind_int64");
  LOAD(bind_real, "bind_double");
  LOAD(bind_text, "bind_text");
  LOAD(bind_null, "bind_null");
  LOAD(column_type, "column_type");
  LOAD(column_integer, "column_int64");
  LOAD(column_real, "column_double");
  LOAD(column_text, "column_text");
  LOAD(column_bytes, "column_bytes");
#undef LOAD
  is_available = !missing;
}

int eq_sqlite_is_available(void) {
  pthread_once(&loading, load);
  return is_available;
}

int eq_sqlite_open(const char *path, eq_sqlite_database **database, int flags) {
  return sqlite.open(path, database, flags | OPEN_NO_MUTEX, NULL);
}
int eq_sqlite_close(eq_sqlite_database *database) { return sqlite.close(database); }
const char *eq_sqlite_message(eq_sqlite_database *database) { return sqlite.message(database); }
int eq_sqlite_busy_timeout(eq_sqlite_database *database, int milliseconds) {
  return sqlite.busy_timeout(database, milliseconds);
}
int eq_sqlite_execute(eq_sqlite_database *database, const char *sql) {
  return sqlite.execute(database, sql, NULL, NULL, NULL);
}
int64_t eq_sqlite_last_insert_row(eq_sqlite_database *database) { return sqlite.last_insert_row(database); }
int eq_sqlite_changes(eq_sqlite_database *database) { return sqlite.changes(database); }

int eq_sqlite_prepare(eq_sqlite_database *database, const char *sql, eq_sqlite_statement **statement) {
  return sqlite.prepare(database, sql, -1, statement, NULL);
}
int eq_sqlite_step(eq_sqlite_statement *statement) { return sqlite.step(statement); }
int eq_sqlite_reset(eq_sqlite_statement *statement) { return sqlite.reset(statement); }
int eq_sqlite_finalize(eq_sqlite_statement *statement) { return sqlite.finalize(statement); }

int eq_sqlite_bind_integer(eq_sqlite_statement *statement, int index, int64_t value) {
  return sqlite.bind_integer(statement, index, value);
}
int eq_sqlite_bind_real(eq_sqlite_statement *statement, int index, double value) {
  return sqlite.bind_real(statement, index, value);
}
int eq_sqlite_bind_text(eq_sqlite_statement *statement, int index, const char *text, int count) {
  // -1 in the place of the function that frees the text asks for a copy.
  return sqlite.bind_text(statement, index, text, count, (void (*)(void *))(intptr_t)-1);
}
int eq_sqlite_bind_null(eq_sqlite_statement *statement, int index) { return sqlite.bind_null(statement, index); }

int eq_sqlite_column_type(eq_sqlite_statement *statement, int index) { return sqlite.column_type(statement, index); }
int64_t eq_sqlite_column_integer(eq_sqlite_statement *statement, int index) {
  return sqlite.column_integer(statement, index);
}
double eq_sqlite_column_real(eq_sqlite_statement *statement, int index) { return sqlite.column_real(statement, index); }
const unsigned char *eq_sqlite_column_text(eq_sqlite_statement *statement, int index) {
  return sqlite.column_text(statement, index);
}
int eq_sqlite_column_bytes(eq_sqlite_statement *statement, int index) { return sqlite.column_bytes(statement, index); }
