package ebasvuru.streams;

/** The content of a submission that is sealed: the person, the contact and the form. */
final class Content {
    private Content() { }

    static void write(Admitted admitted, JsonWriter out) {
        Submission it = admitted.submission();
        out.raw("{\"schema\":\"ebasvuru.content.v1\",\"applicant\":{\"tckn\":").string(it.tckn());
        out.raw(",\"first_name\":").string(it.firstName());
        out.raw(",\"last_name\":").string(it.lastName());
        out.raw(",\"phone\":").string(it.phone());
        if (it.email() != null) out.raw(",\"email\":").string(it.email());
        out.raw("},\"contact\":{\"address\":").string(it.address());
        if (it.district() != null) out.raw(",\"district\":").string(it.district());
        out.raw("},\"form\":{\"subject\":").string(it.subject());
        out.raw(",\"text\":").string(it.text());
        if (it.fields() != null && it.fields().size() > 0) {
            out.raw(",\"fields\":");
            Canonical.write(it.fields(), out);
        }
        out.raw("},\"document_kinds\":[");
        String comma = "";
        for (Document document : admitted.documents()) {
            out.raw(comma).quoted(document.kind());
            comma = ",";
        }
        out.raw("]}");
    }
}
