import FairnessMetrics

/// A bar over 0...1 within a line of a table, with its interval, the value before and a line to hold it against.
///
/// Places are percentages of the width, so that a bar fills whatever cell it stands in.
struct ShareBar: Sendable {
  /// The values that the left and the right end stand for.
  var domain: ClosedRange<Double> = 0...1
  var value: Double?
  var interval: Interval?
  var before: Double?
  /// A value that all bars of a table are held against, such as that of all rows.
  var reference: Double?
  var series = 0

  /// A bar from the left end.
  var bar: Markup {
    """
    <svg class="bar" aria-hidden="true" width="100%" height="20">\(value.map { value in
      "<rect class=\"fill s\(series % 8)\" x=\"0\" y=\"4\" height=\"12\" width=\"\(place(value))\"/>" as Markup
    })\(marks(whiskerClass: "whisker dark"))</svg>
    """
  }

  /// A dot on a line from the value before.
  var dumbbell: Markup {
    """
    <svg class="bar" aria-hidden="true" width="100%" height="20"><line class="track" x1="0" x2="100%" y1="10" y2="10"/>\
    \(referenceLine)\(change)\(interval.map { interval in
      "<line class=\"whisker s\(series % 8)\" x1=\"\(place(interval.low))\" x2=\"\(place(interval.high))\" y1=\"10\" y2=\"10\"/>" as Markup
    })\(before.map { before in
      "<circle class=\"dot hollow s\(series % 8)\" cx=\"\(place(before))\" cy=\"10\" r=\"4.5\"/>" as Markup
    })\(value.map { value in
      "<circle class=\"dot s\(series % 8)\" cx=\"\(place(value))\" cy=\"10\" r=\"5\"/>" as Markup
    })</svg>
    """
  }

  private var change: Markup? {
    guard let before, let value else { return nil }
    return "<line class=\"change s\(series % 8)\" x1=\"\(place(before))\" x2=\"\(place(value))\" y1=\"10\" y2=\"10\"/>"
  }

  private var referenceLine: Markup? {
    reference.map { "<line class=\"reference\" x1=\"\(place($0))\" x2=\"\(place($0))\" y1=\"0\" y2=\"20\"/>" }
  }

  private func marks(whiskerClass: String) -> Markup {
    """
    \(referenceLine)\(interval.map { interval in
      "<line class=\"\(whiskerClass)\" x1=\"\(place(interval.low))\" x2=\"\(place(interval.high))\" y1=\"10\" y2=\"10\"/>" as Markup
    })\(before.map { before in
      "<line class=\"before\" x1=\"\(place(before))\" x2=\"\(place(before))\" y1=\"2\" y2=\"18\"/>" as Markup
    })
    """
  }

  private func place(_ value: Double) -> Markup {
    let share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return "\(100 * min(1, max(0, share)))%"
  }
}
