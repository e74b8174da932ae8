#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One measured quantity: the shortest and the median of its measurements, in a unit.
struct Figure {
  /// Its name in JSON, which ends in the unit.
  var key: String
  var title: String
  var unit: String
  var minimum: Double
  var median: Double

  /// A figure from measurements in seconds.
  ///
  /// - Parameter scale: The units in a second, divided by what one measurement holds.
  /// - Precondition: There is a measurement.
  init(_ key: String, _ title: String, unit: String, scale: Double, seconds: [Double]) {
    let sorted = seconds.sorted()
    self.init(
      key, title, unit: unit, minimum: scale * sorted[0],
      median: scale * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2)
  }

  init(_ key: String, _ title: String, unit: String, minimum: Double, median: Double) {
    self.key = key
    self.title = title
    self.unit = unit
    self.minimum = minimum
    self.median = median
  }

  /// A value with three digits after the point, or without any from 1000 on.
  func text(_ value: Double) -> String {
    let digits = value.magnitude < 1000 ? 3 : 0
    let scaled = (value * (digits == 3 ? 1000 : 1)).rounded()
    if digits == 0 { return "\(Int(scaled))" }
    let whole = Int(scaled) / 1000
    let rest = "\(Int(scaled.magnitude) % 1000)"
    return "\(value < 0 && whole == 0 ? "-" : "")\(whole)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}

/// A stopwatch: of the clock on the wall, or of the time that processors spent on this process.
struct Stopwatch {
  private let clock: clockid_t
  private var start: timespec

  init(_ clock: Clock = .wall) {
    self.clock = clock == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID
    start = timespec()
    clock_gettime(self.clock, &start)
  }

  /// The seconds since the last call, or since the beginning.
  mutating func lap() -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    defer { start = now }
    return Double(now.tv_sec - start.tv_sec) + Double(now.tv_nsec - start.tv_nsec) * 1e-9
  }

  /// Starts anew after a short sleep. A process that has slept has a whole time slice before it, so that of many short
  /// measurements on a busy machine some are undisturbed.
  mutating func rest() {
    usleep(1000)
    clock_gettime(clock, &start)
  }
}

/// The times of a piece of work, repeated for a share of the seconds asked for, and five times at least; once before to
/// warm up.
func times(of work: () throws -> Void, options: MeasurementOptions, share: Double = 1) rethrows -> [Double] {
  try work()
  var times: [Double] = []
  var watch = Stopwatch(options.clock)
  while times.count < 5 || times.reduce(0, +) < share * options.seconds {
    watch.rest()
    try work()
    times.append(watch.lap())
  }
  return times
}
