import ArgumentParser
import Experiments

extension SeedList {
  /// Reads the value of an option.
  ///
  /// - Throws: `ValidationError`, which says what is wrong.
  init(parsing argument: String) throws {
    do {
      self = try SeedList(argument)
    } catch {
      throw ValidationError(error.message)
    }
  }
}
