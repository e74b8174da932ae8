import CKernels
import LinearAlgebra
import TestSupport
import Testing

/// Every kernel of every instruction set against the plain one, on sizes around a vector's width.
///
/// The plain kernels themselves are held against formulas by the engine's tests. Variants may differ in their last bits,
/// because some join a product and a sum into one rounding: sums of n terms of size 1 differ by at most n units.
@Suite struct KernelTests {
  static let sizes = [1, 15, 16, 17, 33, 1000]

  /// Shapes whose rows, columns or both are awkward.
  static let shapes = sizes.flatMap { [(rows: 1, columns: $0), (rows: 3, columns: $0)] } + [(33, 1), (17, 16)]

  /// Runs a kernel with each variant, and compares what it wrote with the plain one's.
  private func compare<Scalar: EngineScalar & BitwiseCopyable>(
    _ name: String, terms: Int, in type: Scalar.Type, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (eq_kernels) -> [[Scalar]]
  ) {
    let plain = body(Scalar.precision.kernels(variant: 0).pointee).map { $0.map { Double($0) } }
    // Elementary functions are accurate to 3 units; some kernels combine a few of them.
    let tolerance = Double(terms + 8) * Double(Scalar.ulpOfOne)
    #expect(plain.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(name)", sourceLocation: sourceLocation)
    for variant in 1..<max(2, Precision.kernelVariantCount) where variant < Precision.kernelVariantCount {
      let results = body(Scalar.precision.kernels(variant: variant).pointee)
      #expect(results.count == plain.count)
      for (result, expected) in zip(results, plain) {
        let deviation = firstDeviation(of: result, from: expected, relative: tolerance, absolute: tolerance)
        #expect(deviation == nil, "\(name), \(Scalar.self), variant \(variant)", sourceLocation: sourceLocation)
      }
    }
  }

  /// Uneven values between −1 and 1, or between 0.15 and 0.95.
  private func values<Scalar: EngineScalar & BitwiseCopyable>(_ count: Int, seed: Int, positive: Bool = false)
    -> [Scalar]
  {
    (positive ? Matrix<Scalar>.unevenPositive(1, count, seed: seed) : .uneven(1, count, seed: seed)).values
  }

  @Test(arguments: sizes)
  func elementwise(count: Int) {
    check(count, in: Float.self)
    check(count, in: Double.self)
    func check<Scalar: EngineScalar & BitwiseCopyable>(_ n: Int, in type: Scalar.Type) {
      let (x, dy, t): ([Scalar], [Scalar], [Scalar]) = (
        values(n, seed: 1), values(n, seed: 2), values(n, seed: 3, positive: true)
      )
      let unaries = [
        EQ_SCALE, EQ_SHIFT, EQ_RELU, EQ_LEAKY_RELU, EQ_TANH, EQ_SIGMOID, EQ_SOFTPLUS, EQ_EXP, EQ_LOG, EQ_SQUARE,
        EQ_SQRT, EQ_ABS, EQ_RECIPROCAL,
      ]
      for op in unaries {
        let source = op == EQ_LOG || op == EQ_SQRT ? t : x
        compare("unary \(op.rawValue)", terms: 8, in: type) { kernels in
          var y = [Scalar](repeating: 0, count: n)
          kernels.unary(op, n, 0.3, source, &y)
          var (dx, added) = (y, dy)
          kernels.unary_gradient(op, n, 0.3, source, y, dy, &dx, 0)
          kernels.unary_gradient(op, n, 0.3, source, y, dy, &added, 1)
          return [y, dx, added]
        }
      }
      for op in [EQ_BINARY_CROSS_ENTROPY, EQ_SQUARED_ERROR, EQ_HINGE] {
        for weights in [nil, values(n, seed: 4, positive: true) as [Scalar]] {
          compare("loss \(op.rawValue)", terms: 8, in: type) { kernels in
            var y = [Scalar](repeating: 0, count: n)
            var (dx, added) = (y, dy)
            withOptional(weights) { weights in
              kernels.loss(op, n, x, t, weights, &y)
              kernels.loss_gradient(op, n, x, t, weights, dy, &dx, 0)
              kernels.loss_gradient(op, n, x, t, weights, dy, &added, 1)
            }
            return [y, dx, added]
          }
        }
      }
      compare("product, axpy", terms: 2, in: type) { kernels in
        var (out, added, sum) = ([Scalar](repeating: 0, count: n), dy, dy)
        kernels.product(n, x, t, &out, 0)
        kernels.product(n, x, t, &added, 1)
        kernels.axpy(n, 0.7, x, &sum)
        return [out, added, sum]
      }
      compare("dot", terms: n, in: type) { [[Scalar($0.dot(n, x, t))]] }
      // By the formula as well: an independent sum.
      let dot = zip(x, t).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let computed = type.precision.kernels.pointee.dot(n, x, t)
      #expect(abs(computed - dot) <= Double(n) * .ulpOfOne)
      for step in [1, 0] {
        compare("optimizers", terms: 16, in: type) { kernels in
          var (a, b, c) = (t, t, t)
          var (m, v, velocity, sum) = (dy, t, dy, t)
          let settings = eq_adam(
            beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weight_decay: 0.1, rate: 0.1, corrected_rate: 0.2, second_root: 0.6,
            flushes: Int32(step))
          kernels.adam(n, &a, x, &m, &v, settings)
          kernels.sgd(n, &b, x, &velocity, 0.1, 0.9, 0.1, Int32(1 - step), Int32(step))
          kernels.adagrad(n, &c, x, &sum, 0.1, 1e-10, 0.1)
          return [a, m, v, b, velocity, c, sum]
        }
      }
    }
  }

  @Test(arguments: shapes)
  func matrices(rows: Int, columns: Int) {
    check(in: Float.self)
    check(in: Double.self)
    func check<Scalar: EngineScalar & BitwiseCopyable>(in type: Scalar.Type) {
      let count = rows * columns
      let (x, dy): ([Scalar], [Scalar]) = (values(count, seed: 1), values(count, seed: 2))
      let t: [Scalar] = values(count, seed: 3, positive: true)
      let (row, column): ([Scalar], [Scalar]) = (values(columns, seed: 4), values(rows, seed: 5))
      let zeros = [Scalar](repeating: 0, count: count)

      // Operands in all four ways of repeating: whole, one row, one column, one number.
      let strides = [(columns, 1), (0, 1), (1, 0), (0, 0)]
      for op in [EQ_ADD, EQ_SUBTRACT, EQ_MULTIPLY] {
        for a in strides {
          for b in strides {
            compare("binary \(op.rawValue)", terms: 2, in: type) { kernels in
              var out = zeros
              withViews(x, a, t, b) { kernels.binary(op, rows, columns, $0, $1, &out) }
              return [out]
            }
          }
        }
      }
      for target in strides {
        for other in strides {
          compare("binary gradient", terms: count, in: type) { kernels in
            var (product, plain) = (dy, dy)
            withViews(t, other, t, other) { view, _ in
              kernels.binary_gradient(rows, columns, -1, dy, view, 1, &product, target.0, target.1)
              kernels.binary_gradient(rows, columns, 1, x, view, 0, &plain, target.0, target.1)
            }
            return [product, plain]
          }
        }
      }
      for target in [(0, 0), (1, 0), (0, 1)] {
        compare("reduce", terms: count, in: type) { kernels in
          var out = [Scalar](repeating: 0, count: max(rows, columns))
          kernels.reduce(rows, columns, 0.5, x, &out, target.0, target.1)
          return [out]
        }
      }
      for source in strides {
        compare("broadcast", terms: 2, in: type) { kernels in
          var (out, added) = (zeros, dy)
          withViews(x, source, x, source) { view, _ in
            kernels.broadcast(rows, columns, 0.5, view, &out, 0)
            kernels.broadcast(rows, columns, 0.5, view, &added, 1)
          }
          return [out, added]
        }
      }
      compare("softmax, log-sum-exp", terms: columns, in: type) { kernels in
        var (y, dx, added) = (zeros, zeros, dy)
        kernels.softmax(rows, columns, x, &y)
        kernels.softmax_gradient(rows, columns, y, dy, &dx, 0)
        kernels.softmax_gradient(rows, columns, y, dy, &added, 1)
        var (total, back, more) = (column, zeros, dy)
        kernels.log_sum_exp(rows, columns, x, &total)
        kernels.log_sum_exp_gradient(rows, columns, x, total, column, &back, 0)
        kernels.log_sum_exp_gradient(rows, columns, x, total, column, &more, 1)
        return [y, dx, added, total, back, more]
      }
      for weights in [nil, values(rows, seed: 6, positive: true) as [Scalar]] {
        compare("cross-entropy", terms: 2 * columns, in: type) { kernels in
          var (y, dx, added) = (column, zeros, dy)
          withOptional(weights) { weights in
            kernels.cross_entropy(rows, columns, x, t, weights, &y)
            kernels.cross_entropy_gradient(rows, columns, x, t, weights, column, &dx, 0)
            kernels.cross_entropy_gradient(rows, columns, x, t, weights, column, &added, 1)
          }
          return [y, dx, added]
        }
      }
      compare("products", terms: rows + columns, in: type) { kernels in
        var (outer, dots, moreDots, sums, moreSums) = (zeros, column, column, row, row)
        kernels.outer(rows, columns, column, row, &outer)
        kernels.thin_product(rows, columns, 1, x, row, &dots, 0)
        kernels.thin_product(rows, columns, 1, x, row, &moreDots, 1)
        kernels.thin_gradient(rows, columns, 1, x, column, &sums, 0)
        kernels.thin_gradient(rows, columns, 1, x, column, &moreSums, 1)
        return [outer, dots, moreDots, sums, moreSums]
      }
      for width in 1...4 where columns * width <= Int(EQ_THIN_VALUES) {
        compare("thin products", terms: rows + columns, in: type) { kernels in
          let w = values(columns * width, seed: 8) as [Scalar]
          let g = values(rows * width, seed: 9) as [Scalar]
          var (product, more) = (g, g)
          kernels.thin_product(rows, columns, width, x, w, &product, 0)
          kernels.thin_product(rows, columns, width, x, w, &more, 1)
          var (gradient, moreGradient) = (w, w)
          kernels.thin_gradient(rows, columns, width, x, g, &gradient, 0)
          kernels.thin_gradient(rows, columns, width, x, g, &moreGradient, 1)
          // By the formula as well.
          let naive = Matrix(rows: rows, columns: columns, values: x)
          let expected = [
            naiveProduct(naive, Matrix(rows: columns, columns: width, values: w)),
            naiveProduct(naive, transposed: true, Matrix(rows: rows, columns: width, values: g)),
          ]
          for (result, expected) in zip([product, gradient], expected) {
            let tolerance = Double(rows + columns) * Double(Scalar.ulpOfOne)
            let deviation = firstDeviation(
              of: result, from: expected.values.map { Double($0) }, relative: tolerance, absolute: tolerance)
            #expect(deviation == nil)
          }
          return [product, more, gradient, moreGradient]
        }
      }
      compare("transpose", terms: 0, in: type) { kernels in
        var turned = zeros
        kernels.transpose(rows, columns, x, &turned)
        #expect(turned == (0..<columns).flatMap { column in (0..<rows).map { x[$0 * columns + column] } })
        return [turned]
      }
      for relu in [0, 1] as [Int32] {
        compare("bias and activation", terms: rows, in: type) { kernels in
          var (y, back, bias, more) = (x, dy, row, row)
          row.withUnsafeBytes { bias in
            guard let bias = bias.baseAddress else { return }
            kernels.bias_activation(rows, columns, &y, [eq_activation(bias: bias, relu: relu, drop: 0, noise: nil)])
          }
          kernels.bias_activation_gradient(rows, columns, y, &back, relu, 0, &bias, 0)
          var again = dy
          kernels.bias_activation_gradient(rows, columns, y, &again, relu, 0, &more, 1)
          return [y, back, bias, more]
        }
      }
      compare("copies", terms: 0, in: type) { kernels in
        var (wide, added, gathered) = ([Scalar](repeating: 0, count: rows * (columns + 3)), dy, zeros)
        kernels.copy_columns(rows, columns, x, columns, &wide, columns + 3, 0)
        kernels.copy_columns(rows, columns, x, columns, &added, columns, 1)
        let indices = (0..<rows).map { Int32((7 * $0 + 2) % rows) }
        kernels.gather_rows(rows, columns, indices, x, &gathered)
        #expect(gathered == indices.flatMap { x[Int($0) * columns..<(Int($0) + 1) * columns] })
        return [wide, added, gathered]
      }
    }
  }

  struct Product: CustomTestStringConvertible, Sendable {
    var rows: Int
    var columns: Int
    var inner: Int
    var testDescription: String { "[\(rows), \(inner)] · [\(inner), \(columns)]" }
  }

  /// Rows around a tile's eight and a block's 64, columns around a tile's 32, inner indices around a piece's; and right
  /// operands beyond the first cache, with many rows and with few.
  static let products = [
    (1, 16, 1), (7, 32, 5), (8, 48, 3), (9, 64, 33), (65, 32, 300), (130, 16, 40), (17, 112, 90),
    (130, 112, 300), (64, 272, 129), (71, 64, 128), (63, 272, 129),
  ].map { Product(rows: $0.0, columns: $0.1, inner: $0.2) }

  /// The tiled product in every variant, both ways round, by itself, added, and with bias and ReLU after it, against the
  /// definition.
  @Test(arguments: products)
  func tiledProducts(_ product: Product) {
    check(in: Float.self)
    check(in: Double.self)
    func check<Scalar: EngineScalar & BitwiseCopyable>(in type: Scalar.Type) {
      let (rows, columns, inner) = (product.rows, product.columns, product.inner)
      let a = Matrix<Scalar>.uneven(rows, inner)
      let turned = Matrix<Scalar>(
        rows: inner, columns: rows, values: (0..<inner).flatMap { k in (0..<rows).map { a[$0, k] } })
      let b = Matrix<Scalar>.uneven(inner, columns, seed: 2)
      let start = Matrix<Scalar>.uneven(rows, columns, seed: 3).values
      let bias = Matrix<Scalar>.uneven(1, columns, seed: 4).values
      let plain = naiveProduct(a, b).values.map { Double($0) }
      let added = zip(plain, start).map { $0 + Double($1) }
      let activated = plain.indices.map { max(0, plain[$0] + Double(bias[$0 % columns])) }
      let biased = plain.indices.map { plain[$0] + Double(bias[$0 % columns]) }
      let tolerance = Double(2 * inner + 8) * Double(Scalar.ulpOfOne)
      for variant in 0..<Precision.kernelVariantCount {
        let kernels = type.precision.kernels(variant: variant).pointee
        bias.withUnsafeBytes { bias in
          guard let bias = bias.baseAddress else { return }
          for (source, strides) in [(a, (inner, 1)), (turned, (1, rows))] {
            func multiply(_ accumulate: Int32, _ after: [eq_activation]) -> [Scalar] {
              var c = start
              after.withUnsafeBufferPointer { after in
                kernels.tile_product(
                  rows, columns, inner, source.values, strides.0, strides.1, b.values, &c, accumulate,
                  after.isEmpty ? nil : after.baseAddress)
              }
              return c
            }
            for (result, expected) in [
              (multiply(0, []), plain), (multiply(1, []), added),
              (multiply(0, [eq_activation(bias: bias, relu: 1, drop: 0, noise: nil)]), activated),
              (multiply(0, [eq_activation(bias: bias, relu: 0, drop: 0, noise: nil)]), biased),
            ] {
              let deviation = firstDeviation(of: result, from: expected, relative: tolerance, absolute: tolerance)
              #expect(deviation == nil, "\(Scalar.self), variant \(variant), strides \(strides)")
            }
          }
        }
      }
    }
  }

  /// Dropout after a product draws its noise in the order of memory, however the product is divided.
  @Test(arguments: [2, 200])
  func tiledProductsDropInOrder(inner: Int) {
    let (rows, columns) = (70, 48)
    let a = Matrix<Float>.uneven(rows, inner)
    let b = Matrix<Float>.uneven(inner, columns, seed: 2)
    let bias = [Float](repeating: 5, count: columns)
    for variant in 0..<Precision.kernelVariantCount {
      let kernels = Precision.single.kernels(variant: variant).pointee
      func noise() -> eq_noise {
        var noise = eq_noise()
        withUnsafeMutableBytes(of: &noise.words) { bytes in
          for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: 7 &* index &+ 3) }
        }
        return noise
      }
      var (first, second) = (noise(), noise())
      var (joined, apart) = ([Float](repeating: 0, count: rows * columns), [Float](repeating: 0, count: rows * columns))
      bias.withUnsafeBytes { bias in
        guard let bias = bias.baseAddress else { return }
        withUnsafeMutablePointer(to: &first) { noise in
          kernels.tile_product(
            rows, columns, inner, a.values, inner, 1, b.values, &joined, 0,
            [eq_activation(bias: bias, relu: 1, drop: 0.3, noise: noise)])
        }
        kernels.tile_product(rows, columns, inner, a.values, inner, 1, b.values, &apart, 0, nil)
        withUnsafeMutablePointer(to: &second) { noise in
          kernels.bias_activation(
            rows, columns, &apart, [eq_activation(bias: bias, relu: 1, drop: 0.3, noise: noise)])
        }
      }
      #expect(joined == apart, "variant \(variant)")
      #expect(joined.contains(0) && joined.contains { $0 != 0 })
    }
  }

  /// Single precision in Adam: what is below 10⁻³⁰ becomes exactly 0, in every variant.
  @Test func adamFlushesTinyMoments() {
    let settings = eq_adam(
      beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0, rate: 1e-3, corrected_rate: 1e-3, second_root: 1,
      flushes: 1)
    for variant in 0..<Precision.kernelVariantCount {
      var parameters = [Float](repeating: 1, count: 17)
      var first = (0..<17).map { Float($0 % 2 == 0 ? 1e-30 : -1e-30) }
      var second = [Float](repeating: 9e-31, count: 17)
      let gradient = [Float](repeating: 0, count: 17)
      Precision.single.kernels(variant: variant).pointee.adam(
        17, &parameters, gradient, &first, &second, settings)
      #expect(first.allSatisfy { $0 == 0 } && second.allSatisfy { $0 == 0 }, "variant \(variant)")
      #expect(parameters.allSatisfy { $0 == 1 })
    }
  }

  private func withViews<Scalar: EngineScalar & BitwiseCopyable>(
    _ x: [Scalar], _ a: (Int, Int), _ y: [Scalar], _ b: (Int, Int), _ body: (eq_view, eq_view) -> Void
  ) {
    x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        body(
          eq_view(data: x, row_stride: a.0, column_stride: a.1), eq_view(data: y, row_stride: b.0, column_stride: b.1))
      }
    }
  }

  private func withOptional<Scalar: EngineScalar & BitwiseCopyable>(
    _ values: [Scalar]?, _ body: (UnsafeRawPointer?) -> Void
  ) {
    guard let values else { return body(nil) }
    values.withUnsafeBytes { body($0.baseAddress) }
  }
}
