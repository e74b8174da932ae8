import ArgumentParser
import FairnessMetrics
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `equipoise-benchmark metrics`: five metrics for every group of two attributes and every intersection of them.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Measure five metrics of all slices by two attributes and their intersections.",
    discussion: """
      Accuracy, selection rate, true and false positive rate and precision at the threshold 0.5, of simulated scores: \
      two groups in one attribute, five in the other. The memory is what the process grows by at its highest, beyond \
      the rows themselves.
      """)

  @OptionGroup var options: MeasurementOptions

  @Option(help: "The number of rows.")
  var rows = 1_000_000

  func validate() throws {
    guard rows > 0 else { throw ValidationError("--rows should be at least 1.") }
  }

  func run() throws {
    let input = Input(rows: rows)
    let before = highestMemory()
    var checksum = 0.0
    let seconds = times(of: { checksum = input.evaluated() }, options: options)
    let grown = highestMemory() - before
    let memory = Figure(
      "metricsMemoryMegabytes", "memory beyond the rows", unit: "MB", minimum: grown / 1e6, median: grown / 1e6)
    options.report(
      ["\(rows) rows, five metrics, two attributes and their intersections; sum of all values \(checksum)", ""],
      properties: [("rows", .number(Double(rows))), ("sumOfValues", .number(checksum))],
      figures: [
        Figure("metricsMilliseconds", "metrics of all slices", unit: "ms", scale: 1e3, seconds: seconds), memory,
      ])
  }

  /// The most memory that the process has held, in bytes.
  private func highestMemory() -> Double {
    var usage = rusage()
    // RUSAGE_SELF, whose type differs from system to system.
    getrusage(0, &usage)
    #if os(Linux)
      return Double(usage.ru_maxrss) * 1024
    #else
      return Double(usage.ru_maxrss)
    #endif
  }

  /// Rows with scores that depend on their groups.
  private struct Input {
    var scores: [Float] = []
    var labels: [Bool] = []
    var columns: [SliceColumn]

    init(rows: Int) {
      var stream = RandomStream(seed: 7)
      var sex: [Int32] = []
      var race: [Int32] = []
      for _ in 0..<rows {
        let bits = stream.next()
        let group = Int32(bits & 0xffff) % 5
        sex.append(Int32((bits >> 16) & 1))
        race.append(group)
        let score = Float(bits >> 40) * 0x1p-24
        scores.append(score)
        labels.append(Float((bits >> 17) & 0x7fffff) * 0x1p-23 < 0.2 + 0.6 * score)
      }
      columns = [
        SliceColumn(GroupColumn(name: "sex", groups: ["Female", "Male"], codes: sex)),
        SliceColumn(GroupColumn(name: "race", groups: ["A", "B", "C", "D", "E"], codes: race)),
      ]
    }

    /// The sum of all metrics of all slices.
    func evaluated() -> Double {
      var slices = SliceAccumulator(columns: columns.map(\.name), thresholds: [0.5])
      slices.add(scores: scores, labels: labels, columns: columns)
      var sum = 0.0
      for crossing in [[], ["sex"], ["race"], ["sex", "race"]] {
        for (_, statistics) in slices.slices(crossing: crossing) {
          let counts = statistics.counts(thresholdIndex: 0)
          for value in [
            ClassificationRate.accuracy(counts), ClassificationRate.selectionRate(counts),
            ClassificationRate.truePositiveRate(counts), ClassificationRate.falsePositiveRate(counts),
            ClassificationRate.precision(counts),
          ] {
            sum += value.value ?? 0
          }
        }
      }
      return sum
    }
  }
}
