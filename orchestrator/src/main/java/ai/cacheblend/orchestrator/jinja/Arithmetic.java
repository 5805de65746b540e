package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic operators. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right) {
    switch (operator) {
      case "~" -> {
        return joined(Values.text(left), Values.text(right));
      }
      case "+" -> {
        if (left instanceof String a && right instanceof String b) {
          return joined(a, b);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
          List<Object> sum = new ArrayList<>(a);
          sum.addAll(b);
          return sum;
        }
      }
      case "*" -> {
        if (left instanceof String text && Values.isNumber(right)) {
          return repeat(text, Values.index(right));
        }
      }
      case "%" -> {
        if (left instanceof String) {
          throw new JinjaException("formatting with % is not supported");
        }
      }
      default -> {}
    }
    requireNumbers(operator, left, right);
    return numbers(operator, Values.number(left), Values.number(right));
  }

  private static void requireNumbers(String operator, Object left, Object right) {
    if (!Values.isNumber(left) || !Values.isNumber(right)) {
      throw new JinjaException(
          "%s is not defined for a %s and a %s"
              .formatted(operator, Values.kind(left), Values.kind(right)));
    }
  }

  private static Object numbers(String operator, Number left, Number right) {
    boolean whole = left instanceof Long && right instanceof Long;
    if ("/ // %".contains(operator) && right.doubleValue() == 0) {
      throw new JinjaException("division by zero");
    }
    double a = left.doubleValue();
    double b = right.doubleValue();
    return switch (operator) {
      case "+" -> whole ? (Object) (left.longValue() + right.longValue()) : (Object) (a + b);
      case "-" -> whole ? (Object) (left.longValue() - right.longValue()) : (Object) (a - b);
      case "*" -> whole ? (Object) (left.longValue() * right.longValue()) : (Object) (a * b);
      case "/" -> a / b;
      case "//" ->
          whole
              ? (Object) Math.floorDiv(left.longValue(), right.longValue())
              : (Object) Math.floor(a / b);
      case "%" ->
          whole
              ? (Object) Math.floorMod(left.longValue(), right.longValue())
              : (Object) (a - b * Math.floor(a / b));
      case "**" -> whole && b >= 0 ? (Object) (long) Math.pow(a, b) : (Object) Math.pow(a, b);
      default -> throw new JinjaException("unknown operator " + operator);
    };
  }

  static Object negate(Object value) {
    Number number = Values.number(value);
    return number instanceof Long whole ? (Object) (-whole) : (Object) (-number.doubleValue());
  }

  private static String joined(String left, String right) {
    Budget.requireLength((long) left.length() + right.length());
    return left + right;
  }

  static String repeat(String text, int count) {
    if ((long) text.length() * count > Budget.MAX_ELEMENTS) {
      throw new JinjaException("a string is repeated " + count + " times");
    }
    return text.repeat(Math.max(0, count));
  }
}
