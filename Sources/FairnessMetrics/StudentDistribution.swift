import RealModule

/// Student's t distribution with a whole number of degrees of freedom.
package enum StudentDistribution {
  /// P(|T| ≤ t) for `t ≥ 0`, with θ = arctan(t/√ν).
  ///
  /// ν even: `sin θ · (1 + ½cos²θ + … + (1·3···(ν−3))/(2·4···(ν−2))·cos^{ν−2}θ)`; ν odd:
  /// `2/π · (θ + sin θ · (cos θ + ⅔cos³θ + … + (2·4···(ν−3))/(1·3···(ν−2))·cos^{ν−2}θ))`.
  ///
  /// - Source: Abramowitz and Stegun (1964), 26.7.3 and 26.7.4.
  static func within(_ t: Double, degrees: Int) -> Double {
    let angle = Double.atan(t / Double(degrees).squareRoot())
    let cosine = Double.cos(angle)
    let isOdd = degrees % 2 == 1
    var term = isOdd ? cosine : 1
    var sum = degrees == 1 ? 0 : term
    for power in stride(from: isOdd ? 3 : 2, to: degrees, by: 2) {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
    }
    let product = Double.sin(angle) * sum
    return isOdd ? 2 / .pi * (angle + product) : product
  }

  /// The t of a two-sided interval: 2.776 for four degrees of freedom and a confidence of 0.95.
  ///
  /// - Precondition: `0 < confidence < 1`, `degrees ≥ 1`.
  package static func criticalValue(confidence: Double, degrees: Int) -> Double {
    precondition(confidence > 0 && confidence < 1 && degrees > 0, "StudentDistribution: \(confidence), \(degrees)")
    var (low, high) = (0.0, 1.0)
    while within(high, degrees: degrees) < confidence { high *= 2 }
    while true {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { return middle }
      if within(middle, degrees: degrees) < confidence { low = middle } else { high = middle }
    }
  }
}
