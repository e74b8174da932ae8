import ArgumentParser
import Experiments

extension SeedList: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
