import Autograd
import LinearAlgebra
import TestSupport
import Testing

/// Every operation against central differences, with each kernel variant, fused and not.
@Suite struct GradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let points: [Matrix<Double>]
    let expression: @Sendable ([Tensor<Double>]) -> Tensor<Double>

    init(
      _ name: String, _ points: [Matrix<Double>], _ expression: @escaping @Sendable ([Tensor<Double>]) -> Tensor<Double>
    ) {
      testDescription = name
      self.points = points
      self.expression = expression
    }
  }

  static let elementwise: [Case] = [
    Case("relu", [.uneven(3, 5)]) { relu($0[0]) },
    Case("leakyReLU", [.uneven(3, 5)]) { leakyReLU($0[0], slope: 0.3) },
    Case("tanh", [.uneven(3, 19)]) { tanh($0[0]) },
    Case("sigmoid", [.uneven(3, 5)]) { sigmoid($0[0]) },
    Case("softplus", [.uneven(3, 5)]) { softplus($0[0]) },
    Case("exp", [.uneven(3, 5)]) { exp($0[0]) },
    Case("log", [.unevenPositive(3, 5)]) { log($0[0]) },
    Case("square", [.uneven(3, 5)]) { square($0[0]) },
    Case("squareRoot", [.unevenPositive(3, 5)]) { squareRoot($0[0]) },
    Case("abs", [.uneven(3, 5)]) { abs($0[0]) },
    Case("reciprocal", [.uneven(3, 5)]) { reciprocal($0[0]) },
    Case("scaled, shifted, negated", [.uneven(3, 5)]) { -$0[0].scaled(by: 1.7).shifted(by: 0.4) },
    Case("one value used twice", [.uneven(3, 5)]) { tanh($0[0]) * $0[0] + square($0[0]) },
    Case("a value times itself", [.uneven(3, 5)]) { $0[0] * $0[0] - $0[0] },
  ]

  static let broadcasting: [Case] = {
    var cases: [Case] = []
    let shapes = [(3, 18), (1, 18), (3, 1), (1, 1)]
    for (m, n) in shapes {
      for (k, l) in shapes {
        let points: [Matrix<Double>] = [.uneven(m, n), .uneven(k, l, seed: 2)]
        cases.append(Case("[\(m), \(n)] + [\(k), \(l)]", points) { $0[0] + $0[1] })
        cases.append(Case("[\(m), \(n)] - [\(k), \(l)]", points) { $0[0] - $0[1] })
        cases.append(Case("[\(m), \(n)] * [\(k), \(l)]", points) { $0[0] * $0[1] })
        cases.append(Case("[\(m), \(n)] / [\(k), \(l)]", points) { $0[0] / $0[1] })
      }
    }
    return cases
  }()

  static let products: [Case] = {
    var cases: [Case] = []
    for (m, k, n) in [(1, 1, 1), (2, 3, 4), (5, 1, 2), (1, 4, 3), (4, 3, 1), (1, 5, 1), (3, 17, 33), (9, 5, 48)] {
      for transposingA in [false, true] {
        for transposingB in [false, true] {
          let a: Matrix<Double> = transposingA ? .uneven(k, m) : .uneven(m, k)
          let b: Matrix<Double> = transposingB ? .uneven(n, k, seed: 2) : .uneven(k, n, seed: 2)
          let name = "matmul [\(m), \(k)] · [\(k), \(n)]\(transposingA ? " aᵀ" : "")\(transposingB ? " bᵀ" : "")"
          cases.append(
            Case(name, [a, b]) { matmul($0[0], $0[1], transposingA: transposingA, transposingB: transposingB) })
          // Both operands are used again, so that every product also accumulates.
          cases.append(
            Case(name + ", used twice", [a, b]) {
              matmul($0[0], $0[1], transposingA: transposingA, transposingB: transposingB) + $0[0].sum() * $0[1].mean()
                + matmul($0[0].scaled(by: 0.5), $0[1], transposingA: transposingA, transposingB: transposingB)
            })
        }
      }
    }
    cases.append(Case("x · xᵀ", [.uneven(3, 4)]) { matmul($0[0], $0[0], transposingB: true) })
    cases.append(Case("xᵀ · x", [.uneven(3, 4)]) { matmul($0[0], $0[0], transposingA: true) })
    return cases
  }()

  static let reductions: [Case] = {
    var cases: [Case] = []
    for (m, n) in [(3, 5), (1, 5), (3, 1), (1, 1), (2, 37)] {
      for axes in [Axes.rows, .columns, .all] {
        cases.append(Case("sum of [\(m), \(n)] over \(axes)", [.uneven(m, n)]) { square($0[0].sum(over: axes)) })
        cases.append(
          Case("mean of [\(m), \(n)] over \(axes), used twice", [.uneven(m, n)]) {
            tanh($0[0].mean(over: axes)) + $0[0].sum()
          })
      }
    }
    cases.append(Case("softmax", [.uneven(3, 5)]) { softmax($0[0]) })
    cases.append(Case("softmax, used twice", [.uneven(3, 5)]) { softmax($0[0]) * $0[0] })
    cases.append(Case("logSumExp", [.uneven(3, 5)]) { logSumExp($0[0]) })
    cases.append(Case("logSumExp, used twice", [.uneven(3, 5)]) { logSumExp($0[0]) * $0[0] })
    cases.append(
      Case("concatenation", [.uneven(3, 2), .uneven(3, 4, seed: 2)]) {
        square(concatenate(columns: [$0[0], $0[1], $0[0]]))
      })
    cases.append(Case("slices", [.uneven(3, 5)]) { $0[0][columns: 1..<4] * $0[0][columns: 2..<5] })
    return cases
  }()

  static let losses: [Case] = {
    let targets = Matrix<Double>(rows: 4, columns: 2, values: [0, 1, 1, 0, 1, 1, 0, 0])
    let weights = Matrix<Double>.unevenPositive(4, 2, seed: 3)
    let rowWeights = Matrix<Double>.unevenPositive(4, 1, seed: 3)
    let oneHot = Matrix<Double>(rows: 4, columns: 3, values: [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.3, 0.5])
    var cases: [Case] = []
    for kind in [ElementLoss.binaryCrossEntropy, .squaredError, .hinge] {
      cases.append(
        Case("\(kind)", [.uneven(4, 2)]) { elementLosses(kind, outputs: $0[0], targets: .constant(targets)) })
      cases.append(
        Case("\(kind), weights", [.uneven(4, 2)]) {
          elementLosses(kind, outputs: $0[0], targets: .constant(targets), weights: .constant(weights))
        })
      cases.append(
        Case("\(kind), row weights, used twice", [.uneven(4, 2)]) {
          elementLosses(kind, outputs: $0[0], targets: .constant(targets), weights: .constant(rowWeights)) + tanh($0[0])
        })
    }
    cases.append(
      Case("categorical cross-entropy", [.uneven(4, 3)]) {
        rowCrossEntropies(logits: $0[0], targets: .constant(oneHot))
      })
    cases.append(
      Case("categorical cross-entropy, weights, used twice", [.uneven(4, 3)]) {
        rowCrossEntropies(logits: $0[0], targets: .constant(oneHot), weights: .constant(rowWeights)) * $0[0]
      })
    return cases
  }()

  static let layers: [Case] = [
    Case("dense layer", [.uneven(4, 3), .uneven(3, 17, seed: 2), .uneven(1, 17, seed: 3)]) {
      relu(matmul($0[0], $0[1]) + $0[2])
    },
    Case("affine layer", [.uneven(4, 3), .uneven(3, 5, seed: 2), .uneven(1, 5, seed: 3)]) {
      matmul($0[0], $0[1]) + $0[2]
    },
    Case("two layers that share their bias", [.uneven(4, 3), .uneven(3, 3, seed: 2), .uneven(1, 3, seed: 3)]) {
      relu(matmul(relu(matmul($0[0], $0[1]) + $0[2]), $0[1]) + $0[2])
    },
    Case("a layer whose inside is used elsewhere", [.uneven(4, 3), .uneven(3, 5, seed: 2), .uneven(1, 5, seed: 3)]) {
      let before = matmul($0[0], $0[1]) + $0[2]
      return relu(before) + tanh(before)
    },
    Case("a bias that is the input as well", [.uneven(1, 3), .uneven(3, 3, seed: 2)]) {
      relu(matmul($0[0], $0[1]) + $0[0])
    },
  ]

  @Test(arguments: elementwise + broadcasting + products + reductions + losses + layers)
  func gradient(_ example: Case) {
    for variant in 0..<Precision.kernelVariantCount {
      for fusing in [true, false] {
        #expect(
          gradientMismatch(at: example.points, fusing: fusing, variant: variant, example.expression) == nil,
          "kernel variant \(variant), fusing \(fusing)")
      }
    }
  }

  @Test func derivativeAtTheKinks() {
    let x = Tensor<Double>.input(rows: 1, columns: 1)
    let oneTarget = Tensor<Double>.constant(1)
    let cases: [(Tensor<Double>, Double, Double)] = [
      (relu(x), 0, 0), (leakyReLU(x, slope: 0.25), 0, 0.25), (abs(x), 0, 0),
      (elementLosses(.hinge, outputs: x, targets: oneTarget), 1, 0),
    ]
    for (result, kink, derivative) in cases {
      let program = Program(values: [result], gradients: [.init(of: result, withRespectTo: [x])])
      program.set(x, to: Matrix(rows: 1, columns: 1, values: [kink]))
      program.run()
      #expect(program.tensorGradients(0)[0].values == [derivative])
    }
  }

  @Test func stoppedAndReversedGradients() {
    let x = Tensor<Double>.constant(.uneven(2, 3))
    let loss = square(x).sum()
    let plain = gradients(of: loss, withRespectTo: [x])[0]
    #expect(gradients(of: square(stopGradient(x)).sum(), withRespectTo: [x])[0].values == Array(repeating: 0, count: 6))
    let reversed = gradients(of: square(reverseGradient(x, scale: .constant(0.5))).sum(), withRespectTo: [x])[0]
    #expect(reversed.values == plain.values.map { -0.5 * $0 })
    // Beside another path, only its own share is turned round.
    let both = gradients(of: (square(reverseGradient(x, scale: .constant(2))) + square(x)).sum(), withRespectTo: [x])[0]
    #expect(largestDifference(both, Matrix(rows: 2, columns: 3, values: plain.values.map { -$0 })) < 1e-15)
  }

  @Test func gradientsOfTwoLossesStandApart() {
    let storage = ParameterStorage<Double>(
      {
        var parameters = Parameters<Double>()
        parameters.append("weight", .uneven(3, 2))
        parameters.append("unused", .uneven(1, 2))
        return parameters
      }())
    let weight = storage.tensors["weight"]
    let product = matmul(Tensor.constant(.uneven(4, 3)), weight)
    let first = square(product).sum()
    let second = tanh(product).mean()
    func gradient(_ losses: [Tensor<Double>]) -> [[Double]] {
      let program = Program(values: losses, gradients: losses.map { .init(of: $0, withRespectTo: storage) })
      program.run()
      program.run()
      return losses.indices.map { program.gradient($0) }
    }
    #expect(gradient([first, second]) == gradient([first]) + gradient([second]))
    #expect(gradient([first])[0][6...] == [0, 0], "a parameter that the loss does not depend on has gradient 0")
  }
}
