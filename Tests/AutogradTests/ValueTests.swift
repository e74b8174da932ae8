import Autograd
import LinearAlgebra
import RealModule
import TestSupport
import Testing

/// Values of operations against the same formula in plain Swift.
@Suite struct ValueTests {
  static let points: [Double] = [
    -1000, -104, -88, -20, -3, -1, -0.6, -1e-4, 0, 1e-20, 1e-4, 0.3, 0.624, 0.626, 1, 3, 20, 80, 88, 1000,
  ]

  @Test func elementaryFunctionsInSinglePrecision() {
    let x = Tensor<Float>.constant(Matrix(rows: 1, columns: Self.points.count, values: Self.points.map { Float($0) }))
    let cases: [(String, Tensor<Float>, (Double) -> Double)] = [
      ("tanh", tanh(x), Double.tanh),
      ("sigmoid", sigmoid(x), { 1 / (1 + .exp(-$0)) }),
      ("softplus", softplus(x), { max($0, 0) + .log(onePlus: .exp(-Swift.abs($0))) }),
      ("exp", exp(x), Double.exp),
      ("relu", relu(x), { max($0, 0) }),
      ("leakyReLU", leakyReLU(x), { $0 > 0 ? $0 : 0.01 * $0 }),
      ("abs", abs(x), { Swift.abs($0) }),
    ]
    for variant in 0..<Precision.kernelVariantCount {
      let program = Program(values: cases.map(\.1), gradients: [], variant: variant)
      program.run()
      for (name, tensor, formula) in cases {
        for (point, value) in zip(Self.points, program.value(of: tensor).values) {
          let exact = Float(formula(Double(Float(point))))
          // Two units in the last place of the polynomials, and one more for the sum around them; results below the
          // smallest normal number may be 0.
          let allowed = max(4 * exact.ulp, 2e-38)
          #expect(
            value == exact || Swift.abs(value - exact) <= allowed, "\(name)(\(point)) = \(value), exactly \(exact)")
        }
      }
    }
  }

  @Test func logarithmInSinglePrecision() {
    let points: [Float] = [2e-38, 1e-30, 1e-3, 0.5, 0.70710677, 0.999, 1, 1.001, 2, 1e10, 3e38, .infinity]
    let x = Tensor<Float>.constant(Matrix(rows: 1, columns: points.count, values: points))
    let logarithm = log(x)
    let program = Program(values: [logarithm])
    program.run()
    for (point, value) in zip(points, program.value(of: logarithm).values) {
      let exact = Float(Double.log(Double(point)))
      #expect(value == exact || Swift.abs(value - exact) <= 3 * exact.ulp, "log(\(point)) = \(value), exactly \(exact)")
    }
    let edge = log(Tensor<Float>.constant(Matrix(rows: 1, columns: 3, values: [0, -1, .nan])))
    let edges = Program(values: [edge])
    edges.run()
    let values = edges.value(of: edge).values
    #expect(values[0] == -.infinity && values[1].isNaN && values[2].isNaN)
  }

  @Test func notANumberGoesThrough() {
    let x = Tensor<Float>.constant(Matrix(rows: 1, columns: 17, repeating: .nan))
    let bias = Tensor<Float>.constant(Matrix(rows: 1, columns: 17, repeating: 0))
    let one = Tensor<Float>.constant(1)
    let results = [
      relu(x), leakyReLU(x), tanh(x), sigmoid(x), softplus(x), exp(x), log(x), relu(matmul(one, x) + bias),
      elementLosses(.binaryCrossEntropy, outputs: x, targets: bias), elementLosses(.hinge, outputs: x, targets: bias),
    ]
    for variant in 0..<Precision.kernelVariantCount {
      let program = Program(values: results, gradients: [], variant: variant)
      program.run()
      for (index, result) in results.enumerated() {
        #expect(program.value(of: result).values.allSatisfy { $0.isNaN }, "result \(index), kernel variant \(variant)")
      }
    }
  }

  @Test(arguments: [(1, 1, 1), (2, 3, 4), (5, 1, 2), (32, 93, 32), (33, 32, 1), (1, 32, 17), (7, 40, 2), (9, 18, 48)])
  func productsAgreeWithTheDefinition(m: Int, k: Int, n: Int) {
    for transposingA in [false, true] {
      for transposingB in [false, true] {
        let a: Matrix<Float> = transposingA ? .uneven(k, m) : .uneven(m, k)
        let b: Matrix<Float> = transposingB ? .uneven(n, k, seed: 2) : .uneven(k, n, seed: 2)
        let product = matmul(.constant(a), .constant(b), transposingA: transposingA, transposingB: transposingB)
        let program = Program(values: [product])
        program.run()
        let naive = naiveProduct(a, transposed: transposingA, b, transposed: transposingB)
        // The order of summation differs: at most k roundings of terms below 1.
        #expect(largestDifference(program.value(of: product), naive) <= Float(k) * Float.ulpOfOne)
      }
    }
  }

  @Test func lossesDoNotOverflow() {
    let logits = Matrix<Float>(rows: 1, columns: 4, values: [1000, 1000, -1000, -1000])
    let targets = Matrix<Float>(rows: 1, columns: 4, values: [1, 0, 1, 0])
    let losses = elementLosses(.binaryCrossEntropy, outputs: .constant(logits), targets: .constant(targets))
    let program = Program(values: [losses])
    program.run()
    let values = program.value(of: losses).values
    #expect(values[1] == 1000 && values[2] == 1000)
    #expect(values[0] < 1e-37 && values[3] < 1e-37)

    let rows = rowCrossEntropies(
      logits: .constant(Matrix<Float>(rows: 2, columns: 2, values: [1000, -1000, 1000, -1000])),
      targets: .constant(Matrix<Float>(rows: 2, columns: 2, values: [1, 0, 0, 1])))
    let second = Program(values: [rows])
    second.run()
    #expect(second.value(of: rows).values == [0, 2000])
  }

  @Test func softmaxRowsSumToOne() {
    let result = softmax(Tensor<Float>.constant(Matrix(rows: 2, columns: 3, values: [1000, 999, 0, -5, -5, -5])))
    let program = Program(values: [result])
    program.run()
    let values = program.value(of: result).values
    #expect(Swift.abs(values[0] + values[1] + values[2] - 1) < 1e-6)
    #expect(values[3...].allSatisfy { Swift.abs($0 - 1.0 / 3) < 1e-7 })
  }

  @Test func variantsAgree() {
    let x: Matrix<Float> = .uneven(32, 45)
    let weights: Matrix<Float> = .uneven(45, 33, seed: 2)
    let bias: Matrix<Float> = .uneven(1, 33, seed: 3)
    let targets = Matrix<Float>(rows: 32, columns: 33, values: (0..<32 * 33).map { Float($0 % 2) })
    func run(_ variant: Int) -> [Matrix<Float>] {
      let noise = NoiseSource(RandomStream(seed: 11))
      let storage = ParameterStorage<Float>(
        {
          var parameters = Parameters<Float>()
          parameters.append("weight", weights)
          parameters.append("bias", bias)
          return parameters
        }())
      let hidden = dropout(
        relu(matmul(.constant(x), storage.tensors["weight"]) + storage.tensors["bias"]), probability: 0.3, noise: noise)
      let losses = elementLosses(.binaryCrossEntropy, outputs: softplus(hidden), targets: .constant(targets))
      let loss = losses.mean()
      let program = Program(
        values: [hidden, losses], gradients: [.init(of: loss, withRespectTo: storage)], variant: variant)
      program.run()
      let gradient = program.gradient(0)
      return [
        program.value(of: hidden), program.value(of: losses),
        Matrix(rows: 1, columns: gradient.count, values: gradient),
      ]
    }
    let plain = run(0)
    for variant in 1..<max(1, Precision.kernelVariantCount) {
      for (a, b) in zip(run(variant), plain) { #expect(largestDifference(a, b) < 1e-6, "kernel variant \(variant)") }
      // The same units are dropped, whatever the instruction set.
      #expect(zip(run(variant)[0].values, plain[0].values).allSatisfy { ($0 == 0) == ($1 == 0) })
    }
  }
}
