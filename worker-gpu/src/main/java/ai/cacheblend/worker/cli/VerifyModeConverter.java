package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.model.VerifyMode;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code --verify}: the modes in lower case. */
final class VerifyModeConverter implements ITypeConverter<VerifyMode> {
  @Override
  public VerifyMode convert(String text) {
    for (VerifyMode mode : VerifyMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
        return mode;
      }
    }
    throw new TypeConversionException("'" + text + "' is not full, sample or off");
  }
}
