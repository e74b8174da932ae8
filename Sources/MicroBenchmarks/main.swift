import Benchmark

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// `swift run -c release equipoise-microbenchmark --filter product`: one suite a room, from the inside out. Work of less
// than a microsecond is measured a hundred times in a row, as its name says.
let file =
  FileManager.default.temporaryDirectory.path + "/equipoise-microbenchmark-\(UInt64.random(in: 0 ... .max)).csv"
defer { try? FileManager.default.removeItem(atPath: file) }
Benchmark.main(
  [operations(), steps(), metrics(), data(file: file)], customDefaults: defaultSettings + [MinTime(seconds: 0.3)])
