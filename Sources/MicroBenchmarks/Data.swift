import Benchmark
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// From people to matrices: simulation, CSV, encoding. 30,000 rows of 15 columns.
///
/// - Parameter path: Where the CSV file goes, to be taken away by the caller.
func data(file path: String) -> BenchmarkSuite {
  BenchmarkSuite(name: "data") { suite in
    let simulator = CensusSimulator()
    let table = simulator.rows(count: 30_000, seed: 1)
    suite.benchmark("simulation") { _ = simulator.rows(count: 30_000, seed: 1) }

    guard FileManager.default.createFile(atPath: path, contents: Data(csv(of: table).utf8)) else {
      preconditionFailure("\(path) cannot be written")
    }
    suite.benchmark("CSV to table") { _ = try CSVReader().read(path) }
    suite.benchmark("SHA-256 of the CSV file") { _ = try FileHash.sha256(ofFileAt: path) }

    let recipe = CatalogEntry.adult.recipe
    suite.benchmark("table to encoded, split matrices") { _ = try recipe.prepare(table) }
    guard let encoder = try? recipe.prepare(table).encoder else { return }
    suite.benchmark("encoding with a fitted encoder") { _ = try encoder.encode(table) }
  }
}

/// A table as CSV text.
private func csv(of table: Table) -> String {
  var text = table.columns.map(\.name).joined(separator: ",") + "\n"
  for row in 0..<table.rowCount {
    let cells = table.columns.map { column in
      switch column.cells {
      case .numeric(let values): values[row].isNaN ? "?" : "\(Int(values[row]))"
      case .categorical(let codes, let categories): codes[row] < 0 ? "?" : categories[Int(codes[row])]
      }
    }
    text += cells.joined(separator: ",") + "\n"
  }
  return text
}
