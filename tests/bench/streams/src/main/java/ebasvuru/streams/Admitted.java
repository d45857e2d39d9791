package ebasvuru.streams;

import java.util.ArrayList;
import java.util.List;

/** A submission whose values passed the checks, with what they found out. */
record Admitted(
    Submission submission,
    Catalog.Service service,
    int valilik,
    String unit,
    List<Document> documents
) {
    private static final int LAST_PLATE = 81;
    private static final String CONFIRMATION = "EVET";
    /** How far ahead of ours e-Devlet's clock may be, in seconds. */
    private static final long CLOCKS_DIFFER = 5 * 60;

    /** Checks the values in the order of the codes. */
    static Admitted of(Submission it, Catalog catalog, Time now) throws Fault {
        if (!Tckn.isValid(it.tckn())) throw new Fault("tckn_invalid", "applicant.tckn is no T.C. Kimlik No");
        Catalog.Service service = catalog.service(it.service());
        if (service == null) throw new Fault("unknown_service", "the catalog has no such service");
        if (it.valilik() < 1 || it.valilik() > LAST_PLATE) {
            throw new Fault("unknown_valilik", "valilik is no plate code from 1 to 81");
        }
        int valilik = (int) it.valilik();
        String unit = service.unit(valilik);
        if (unit == null) {
            String plate = valilik < 10 ? "0" + valilik : Integer.toString(valilik);
            throw new Fault("not_routable", "no unit of valilik " + plate + " takes " + service.slug());
        }
        if (!Text.withoutSpaceAround(it.confirmation()).equals(CONFIRMATION)) {
            throw new Fault("not_confirmed", "confirmation is not EVET");
        }
        List<Document> documents = new ArrayList<>(it.documents().size());
        for (Document document : it.documents()) documents.add(document.checked(documents.size()));
        if (it.submittedAt().isAfter(now, CLOCKS_DIFFER)) {
            throw new Fault("submitted_at_future", "submitted_at is more than five minutes in the future");
        }
        return new Admitted(it, service, valilik, unit, documents);
    }
}
