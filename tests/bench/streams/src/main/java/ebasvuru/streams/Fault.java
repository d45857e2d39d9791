package ebasvuru.streams;

/** Why a message cannot become a command: the code, and as message the detail, which never has a value. */
final class Fault extends Exception {
    private static final long serialVersionUID = 1;

    final String code;

    Fault(String code, String detail) {
        // Without a stack trace: nobody reads it, and it costs more than the checks.
        super(detail, null, false, false);
        this.code = code;
    }

    static Fault schema(String detail) {
        return new Fault("schema", detail);
    }
}
