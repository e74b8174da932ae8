/// A point in time in UTC, by the proleptic Gregorian calendar.
public struct UTCTime: Sendable, Equatable, CustomStringConvertible {
  /// The calendar's fields.
  public let year, month, day, hour, minute, second: Int

  /// The day of the week, 0 for Sunday.
  public let weekday: Int

  /// - Parameter seconds: Seconds since 1970-01-01 00:00 UTC, without leap seconds.
  public init(seconds: Int) {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    // Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years start in March.
    let shifted = days + 719_468
    weekday = ((days + 4) % 7 + 7) % 7
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// `20260131-120000`.
  public var folderName: String {
    "\(padded(year, 4))\(padded(month))\(padded(day))-\(padded(hour))\(padded(minute))\(padded(second))"
  }

  /// The same as `iso8601`.
  public var description: String { iso8601 }

  /// `2026-01-31T12:00:00Z`.
  public var iso8601: String {
    "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(hour)):\(padded(minute)):\(padded(second))Z"
  }

  /// `Sat, 31 Jan 2026 12:00:00 GMT`, as HTTP wants it (RFC 9110, 5.6.7).
  public var httpDate: String {
    let name = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday]
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(name), \(padded(day)) \(names[month - 1]) \(padded(year, 4)) "
      + "\(padded(hour)):\(padded(minute)):\(padded(second)) GMT"
  }

  private func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
