import COpenBLAS

/// Matrix products by OpenBLAS, on one thread. This file is the only one that calls it.
///
/// Its own threads do not pay at the sizes of tabular networks; cores are used by running experiments side by side.
package enum BLAS {
  /// `C = alpha · op(A) · op(B) + beta · C`, where `op` transposes or not.
  ///
  /// - Shapes: `op(A)` is `[m, k]`, `op(B)` is `[k, n]`, `C` is `[m, n]`, all dense and row-major: a transposed
  ///   operand is stored the other way round.
  /// - Edge cases: with `beta = 0`, `C` is only written, so that its old content may be anything. With `k = 0` it
  ///   becomes 0.
  @inline(__always)
  package static func multiply(
    _ precision: Precision, transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafeRawPointer, b: UnsafeRawPointer, beta: Double, c: UnsafeMutableRawPointer
  ) {
    let lda = Int32(transposeA ? m : k)
    let ldb = Int32(transposeB ? k : n)
    switch precision {
    case .single:
      cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        Int32(m), Int32(n), Int32(k), Float(alpha), a.assumingMemoryBound(to: Float.self), lda,
        b.assumingMemoryBound(to: Float.self), ldb, Float(beta), c.assumingMemoryBound(to: Float.self), Int32(n))
    case .double:
      cblas_dgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        Int32(m), Int32(n), Int32(k), alpha, a.assumingMemoryBound(to: Double.self), lda,
        b.assumingMemoryBound(to: Double.self), ldb, beta, c.assumingMemoryBound(to: Double.self), Int32(n))
    }
  }

  /// Keeps OpenBLAS on the calling thread; evaluated once, before the first product of the process, and as early as may
  /// be: its threads start when the library is loaded, and wait for work with a busy core each.
  package static let singleThreaded: Void = {
    openblas_set_num_threads(1)
    eq_openblas_end_threads()
  }()
}

/// What computes: the names that a run records, because results differ in their last bits between them.
public struct ComputeBackend: Sendable, Hashable, Codable {
  /// The kernels that OpenBLAS chose for this processor, such as `SkylakeX`. The environment variable
  /// `OPENBLAS_CORETYPE` overrides its choice, often for the worse.
  public let coreName: String

  /// OpenBLAS's own description of its build.
  public let library: String

  /// The instruction set of the element-wise kernels: `plain`, `avx2` or `avx512`.
  public let kernels: String

  /// The threads that one product uses.
  public let threadsPerProduct: Int

  /// The backend of this process.
  public static let current: ComputeBackend = {
    BLAS.singleThreaded
    return ComputeBackend(
      coreName: String(cString: openblas_get_corename()),
      library: String(cString: openblas_get_config()),
      kernels: String(cString: Precision.single.kernels.pointee.name),
      threadsPerProduct: Int(openblas_get_num_threads()))
  }()
}
