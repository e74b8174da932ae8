import CKernels
import RealModule

/// A number type that the engine computes with: `Float` for training, `Double` for gradient checks.
///
/// Both run the same instructions; a type only says which precision its instructions carry. No further types can
/// conform in a useful way, because the kernels exist for these two.
public protocol EngineScalar: Real, BinaryFloatingPoint, Sendable, Codable {
  /// The precision of the engine's kernels for this type.
  static var precision: Precision { get }
}

extension Float: EngineScalar {
  public static var precision: Precision { .single }
}

extension Double: EngineScalar {
  public static var precision: Precision { .double }
}

/// The two precisions of the engine.
public enum Precision: Sendable, Hashable {
  case single
  case double

  /// The bytes of one value.
  package var stride: Int { self == .single ? MemoryLayout<Float>.stride : MemoryLayout<Double>.stride }

  /// The element-wise kernels of this machine.
  package var kernels: UnsafePointer<eq_kernels> { self == .single ? eq_kernels_single() : eq_kernels_double() }

  /// The kernels of one variant of those that the machine can run, from the plain ones (0) to the chosen ones.
  package func kernels(variant: Int) -> UnsafePointer<eq_kernels> {
    self == .single ? eq_kernels_variant_single(Int32(variant)) : eq_kernels_variant_double(Int32(variant))
  }

  /// The number of kernel variants that the machine can run.
  package static var kernelVariantCount: Int { Int(eq_kernels_count()) }
}
