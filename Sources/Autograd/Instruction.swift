import CKernels
import LinearAlgebra

/// One call of a kernel with all its operands: what a program replays. Plain data, without references to count.
enum Instruction {
  case multiply(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, a: UnsafeRawPointer, b: UnsafeRawPointer,
    beta: Double, c: UnsafeMutableRawPointer)
  case tileProduct(
    rows: Int, columns: Int, inner: Int, a: UnsafeRawPointer, rowStride: Int, innerStride: Int, b: UnsafeRawPointer,
    c: UnsafeMutableRawPointer, accumulate: Int32, after: UnsafePointer<eq_activation>?)
  case transpose(rows: Int, columns: Int, from: UnsafeRawPointer, to: UnsafeMutableRawPointer)
  case deviationsProduct(
    count: Int, inner: Int, columns: Int, rows: eq_rows, indices: UnsafePointer<Int32>, w: UnsafeRawPointer,
    out: UnsafeMutableRawPointer, after: UnsafePointer<eq_activation>?)
  case deviationsGradient(
    count: Int, inner: Int, columns: Int, rows: eq_rows, indices: UnsafePointer<Int32>, dy: UnsafeRawPointer,
    dw: UnsafeMutableRawPointer, accumulate: Int32)
  case gatherRows(
    count: Int, columns: Int, indices: UnsafePointer<Int32>, from: UnsafeRawPointer, to: UnsafeMutableRawPointer)
  case outer(rows: Int, columns: Int, x: UnsafeRawPointer, w: UnsafeRawPointer, out: UnsafeMutableRawPointer)
  case thinProduct(
    rows: Int, columns: Int, width: Int, x: UnsafeRawPointer, w: UnsafeRawPointer, out: UnsafeMutableRawPointer,
    accumulate: Int32)
  case thinGradient(
    rows: Int, columns: Int, width: Int, x: UnsafeRawPointer, w: UnsafeRawPointer, out: UnsafeMutableRawPointer,
    accumulate: Int32)
  case unary(eq_unary, count: Int, parameter: Double, x: UnsafeRawPointer, y: UnsafeMutableRawPointer)
  case unaryGradient(
    eq_unary, count: Int, parameter: Double, x: UnsafeRawPointer, y: UnsafeRawPointer, dy: UnsafeRawPointer,
    dx: UnsafeMutableRawPointer, accumulate: Int32)
  case binary(eq_binary, rows: Int, columns: Int, a: eq_view, b: eq_view, out: UnsafeMutableRawPointer)
  case binaryGradient(
    rows: Int, columns: Int, sign: Double, dy: UnsafeRawPointer, other: eq_view?, target: UnsafeMutableRawPointer,
    rowStride: Int, columnStride: Int)
  case reduce(
    rows: Int, columns: Int, scale: Double, x: UnsafeRawPointer, out: UnsafeMutableRawPointer, rowStride: Int,
    columnStride: Int)
  case broadcast(
    rows: Int, columns: Int, scale: Double, x: eq_view, out: UnsafeMutableRawPointer, accumulate: Int32)
  case softmax(rows: Int, columns: Int, x: UnsafeRawPointer, y: UnsafeMutableRawPointer)
  case softmaxGradient(
    rows: Int, columns: Int, y: UnsafeRawPointer, dy: UnsafeRawPointer, dx: UnsafeMutableRawPointer, accumulate: Int32)
  case logSumExp(rows: Int, columns: Int, x: UnsafeRawPointer, y: UnsafeMutableRawPointer)
  case logSumExpGradient(
    rows: Int, columns: Int, x: UnsafeRawPointer, y: UnsafeRawPointer, dy: UnsafeRawPointer,
    dx: UnsafeMutableRawPointer, accumulate: Int32)
  case copyColumns(
    rows: Int, columns: Int, from: UnsafeRawPointer, fromStride: Int, to: UnsafeMutableRawPointer, toStride: Int,
    accumulate: Int32)
  case dropout(
    count: Int, probability: Double, x: UnsafeRawPointer, y: UnsafeMutableRawPointer, mask: UnsafeMutableRawPointer,
    noise: UnsafeMutablePointer<eq_noise>)
  case product(
    count: Int, a: UnsafeRawPointer, b: UnsafeRawPointer, out: UnsafeMutableRawPointer, accumulate: Int32)
  case biasActivation(rows: Int, columns: Int, y: UnsafeMutableRawPointer, after: UnsafePointer<eq_activation>)
  case biasActivationGradient(
    rows: Int, columns: Int, y: UnsafeRawPointer, dy: UnsafeMutableRawPointer, relu: Int32, probability: Double,
    bias: UnsafeMutableRawPointer?, accumulate: Int32)
  case loss(
    eq_loss, count: Int, x: UnsafeRawPointer, t: UnsafeRawPointer, weights: UnsafeRawPointer?,
    y: UnsafeMutableRawPointer)
  case lossGradient(
    eq_loss, count: Int, x: UnsafeRawPointer, t: UnsafeRawPointer, weights: UnsafeRawPointer?, dy: UnsafeRawPointer,
    dx: UnsafeMutableRawPointer, accumulate: Int32)
  case crossEntropy(
    rows: Int, columns: Int, x: UnsafeRawPointer, t: UnsafeRawPointer, weights: UnsafeRawPointer?,
    y: UnsafeMutableRawPointer)
  case crossEntropyGradient(
    rows: Int, columns: Int, x: UnsafeRawPointer, t: UnsafeRawPointer, weights: UnsafeRawPointer?,
    dy: UnsafeRawPointer, dx: UnsafeMutableRawPointer, accumulate: Int32)
}

extension UnsafeBufferPointer<Instruction> {
  /// Replays the instructions in order.
  func run(_ precision: Precision, _ kernels: eq_kernels) {
    for instruction in self {
      switch instruction {
      case .multiply(let transposeA, let transposeB, let m, let n, let k, let a, let b, let beta, let c):
        BLAS.multiply(
          precision, transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1, a: a, b: b,
          beta: beta, c: c)
      case .tileProduct(
        let rows, let columns, let inner, let a, let rowStride, let innerStride, let b, let c, let accumulate, let after
      ):
        kernels.tile_product(rows, columns, inner, a, rowStride, innerStride, b, c, accumulate, after)
      case .transpose(let rows, let columns, let from, let to):
        kernels.transpose(rows, columns, from, to)
      case .deviationsProduct(let count, let inner, let columns, let rows, let indices, let w, let out, let after):
        kernels.sparse_product(count, inner, columns, rows, indices, w, out, after)
      case .deviationsGradient(
        let count, let inner, let columns, let rows, let indices, let dy, let dw, let accumulate):
        kernels.sparse_product_gradient(count, inner, columns, rows, indices, dy, dw, accumulate)
      case .gatherRows(let count, let columns, let indices, let from, let to):
        kernels.gather_rows(count, columns, indices, from, to)
      case .outer(let rows, let columns, let x, let w, let out):
        kernels.outer(rows, columns, x, w, out)
      case .thinProduct(let rows, let columns, let width, let x, let w, let out, let accumulate):
        kernels.thin_product(rows, columns, width, x, w, out, accumulate)
      case .thinGradient(let rows, let columns, let width, let x, let w, let out, let accumulate):
        kernels.thin_gradient(rows, columns, width, x, w, out, accumulate)
      case .unary(let op, let count, let parameter, let x, let y):
        kernels.unary(op, count, parameter, x, y)
      case .unaryGradient(let op, let count, let parameter, let x, let y, let dy, let dx, let accumulate):
        kernels.unary_gradient(op, count, parameter, x, y, dy, dx, accumulate)
      case .binary(let op, let rows, let columns, let a, let b, let out):
        kernels.binary(op, rows, columns, a, b, out)
      case .binaryGradient(
        let rows, let columns, let sign, let dy, let other, let target, let rowStride, let columnStride):
        kernels.binary_gradient(
          rows, columns, sign, dy, other ?? eq_view(data: dy, row_stride: 0, column_stride: 0), other == nil ? 0 : 1,
          target, rowStride, columnStride)
      case .reduce(let rows, let columns, let scale, let x, let out, let rowStride, let columnStride):
        kernels.reduce(rows, columns, scale, x, out, rowStride, columnStride)
      case .broadcast(let rows, let columns, let scale, let x, let out, let accumulate):
        kernels.broadcast(rows, columns, scale, x, out, accumulate)
      case .softmax(let rows, let columns, let x, let y):
        kernels.softmax(rows, columns, x, y)
      case .softmaxGradient(let rows, let columns, let y, let dy, let dx, let accumulate):
        kernels.softmax_gradient(rows, columns, y, dy, dx, accumulate)
      case .logSumExp(let rows, let columns, let x, let y):
        kernels.log_sum_exp(rows, columns, x, y)
      case .logSumExpGradient(let rows, let columns, let x, let y, let dy, let dx, let accumulate):
        kernels.log_sum_exp_gradient(rows, columns, x, y, dy, dx, accumulate)
      case .copyColumns(let rows, let columns, let from, let fromStride, let to, let toStride, let accumulate):
        kernels.copy_columns(rows, columns, from, fromStride, to, toStride, accumulate)
      case .dropout(let count, let probability, let x, let y, let mask, let noise):
        kernels.dropout(count, probability, x, y, mask, noise)
      case .product(let count, let a, let b, let out, let accumulate):
        kernels.product(count, a, b, out, accumulate)
      case .biasActivation(let rows, let columns, let y, let after):
        kernels.bias_activation(rows, columns, y, after)
      case .biasActivationGradient(
        let rows, let columns, let y, let dy, let relu, let probability, let bias, let accumulate):
        kernels.bias_activation_gradient(rows, columns, y, dy, relu, probability, bias, accumulate)
      case .loss(let op, let count, let x, let t, let weights, let y):
        kernels.loss(op, count, x, t, weights, y)
      case .lossGradient(let op, let count, let x, let t, let weights, let dy, let dx, let accumulate):
        kernels.loss_gradient(op, count, x, t, weights, dy, dx, accumulate)
      case .crossEntropy(let rows, let columns, let x, let t, let weights, let y):
        kernels.cross_entropy(rows, columns, x, t, weights, y)
      case .crossEntropyGradient(let rows, let columns, let x, let t, let weights, let dy, let dx, let accumulate):
        kernels.cross_entropy_gradient(rows, columns, x, t, weights, dy, dx, accumulate)
      }
    }
  }
}
