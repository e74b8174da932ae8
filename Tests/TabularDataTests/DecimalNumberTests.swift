import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct DecimalNumberTests {
  private func reading(_ text: String) -> DecimalNumber.Reading {
    Array(text.utf8).withUnsafeBytes { DecimalNumber.read($0) }
  }

  @Test func numbersAreTheNearestOnes() {
    // Against strtod, which in a test runs in the C locale.
    var stream = RandomStream(seed: 5)
    var texts = [
      "0", "-0", "0.1", "1e22", "1e23", "9007199254740992", "9007199254740993", "9007199254740993e5",
      "123456789012345678",
      "1.7976931348623157e308", "2.2250738585072011e-308", "4.9e-324", "2e-324", "1e-400", ".5", "5.", "+3", "007",
      "0e999",
      "0.000000000000000000000000000000000001", "100000000000000000000000000000000000000",
    ]
    for _ in 0..<20_000 {
      let digits = String((0..<Int(stream.below(24)) + 1).map { _ in Character("\(stream.below(10))") })
      let point = digits.index(digits.startIndex, offsetBy: Int(stream.below(UInt64(digits.count))))
      let exponent = stream.below(2) == 0 ? "" : "e\(Int(stream.below(80)) - 40)"
      texts.append("\(stream.below(2) == 0 ? "-" : "")\(digits[..<point]).\(digits[point...])\(exponent)")
    }
    for text in texts {
      guard case .number(let value) = reading(text) else {
        Issue.record("\(text) is no number")
        continue
      }
      #expect(value.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
  }

  @Test func othersAreNot() {
    for text in ["nan", "NaN", "-inf", "Infinity", "1e309", "-1e999"] {
      #expect(reading(text) == .notFinite, "\(text)")
    }
    for text in ["", "-", ".", "e5", "1e", "1e+", "0x10", "1,5", "1 2", "12a", "--1", "nanometre", "١"] {
      #expect(reading(text) == .notNumber, "\(text)")
    }
    #expect(reading("  7\t") == .number(7))
  }
}
