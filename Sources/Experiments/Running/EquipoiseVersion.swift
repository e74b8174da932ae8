#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The version of the tool and the library.
public enum EquipoiseVersion {
  /// Semantic versioning; CHANGELOG.md tells what each version brought.
  public static let current = "0.1.0"

  /// The commit that the tool was built from, where its starter knows it: `Scripts/equipoise` sets EQUIPOISE_COMMIT.
  public static var commit: String? {
    ProcessInfo.processInfo.environment["EQUIPOISE_COMMIT"].flatMap { $0.isEmpty ? nil : $0 }
  }
}
