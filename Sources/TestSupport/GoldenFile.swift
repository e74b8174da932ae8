import Autograd
import Foundation
import LinearAlgebra

/// The cases of a golden file: `{"madeWith": …, "cases": […]}`, as the scripts in `Scripts/golden` write it.
///
/// - Parameters:
///   - name: The file's name in the folder `Golden`, without `.json`.
///   - bundle: The bundle of the test target that the file belongs to.
package func goldenCases<Case: Decodable>(_ name: String, in bundle: Bundle) throws -> [Case] {
  guard let url = bundle.url(forResource: name, withExtension: "json", subdirectory: "Golden") else {
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "Golden/\(name).json"])
  }
  return try JSONDecoder().decode(GoldenFile<Case>.self, from: Data(contentsOf: url)).cases
}

private struct GoldenFile<Case: Decodable>: Decodable {
  var cases: [Case]
}

/// A layer's weight, `[inputs, outputs]`, and bias, `[1, outputs]`, as golden files hold them.
package struct GoldenLayer: Decodable, Sendable {
  package var weight: [[Double]]
  package var bias: [[Double]]

  /// The values of weight and bias, one after the other: a layer's part of a parameter vector.
  package var values: [Double] { weight.flatMap(\.self) + bias.flatMap(\.self) }
}

extension Parameters {
  /// A perceptron's parameters from a golden file.
  package init(golden layers: [GoldenLayer]) {
    self.init()
    for (index, layer) in layers.enumerated() {
      append("layers.\(index).weight", Matrix(rows: layer.weight))
      append("layers.\(index).bias", Matrix(rows: layer.bias))
    }
  }
}

extension Matrix where Scalar: BinaryFloatingPoint {
  /// A matrix from a list of rows.
  package init(rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap(\.self).map { Scalar($0) })
  }
}

/// The first value that lies farther from the expected one than `absolute + relative · |expected|`, described; nil where
/// none does. A NaN lies far from everything.
package func firstDeviation<Scalar: EngineScalar>(
  of values: [Scalar], from expected: [Double], relative: Double = 0, absolute: Double = 0
) -> String? {
  if values.count != expected.count { return "\(values.count) values instead of \(expected.count)" }
  for (index, (value, wanted)) in zip(values, expected).enumerated() {
    let allowed = absolute + relative * Swift.abs(wanted)
    let distance = Swift.abs(Double(value) - wanted)
    if !(distance <= allowed) { return "[\(index)] is \(value), not \(wanted): off by \(distance), allowed \(allowed)" }
  }
  return nil
}
