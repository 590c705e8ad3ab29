"""The words from which the privacy corpus is drawn: two vocabularies that share nothing.

`KNOWN` was looked at while the gate was written. `APART` was written down before its only measure
and no word was added for it: its figures are those to expect on a table never seen. One rule was
mended after that measure: runs of 15 digits inside texts hid 14 NIR of 214.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Words:
    """First names (common and rare), surnames, and what is named like people and is none."""

    first: tuple[str, ...]
    rare: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    schools: tuple[str, ...]
    firms: tuple[str, ...]
    varieties: tuple[str, ...]
    communes: tuple[str, ...]
    service_mails: tuple[str, ...]
    own_hosts: tuple[str, ...]
    free_hosts: tuple[str, ...]
    said: tuple[str, ...]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


_FIRST_LOOK = Words(
    first=tuple(
        """Sophie Jean Marie Michel Nathalie Pierre Isabelle Philippe Catherine Alain Sylvie
        Nicolas Martine Christophe Françoise Laurent Valérie Patrick Sandrine Frédéric Anne
        Stéphane David Véronique Céline Thierry Monique Julien Stéphanie Olivier Jacqueline
        Thomas Chantal Bruno Nicole Éric Brigitte Guillaume Aurélie Sébastien Émilie Antoine
        Hélène Mathieu Léa Hugo Manon Lucas Chloé Enzo Camille Nathan Inès Mohamed Fatima
        Karim Yasmine Erwan Gwenaëlle Yann Nolwenn Ronan Maëlle Jean-Pierre Marie-Claude Jean-
        François Anne-Marie Loïc Soizic""".split()
    ),
    rare=tuple(
        """Ildut Hyacinthe Anselme Perrette Azilis Isaure Amaury Lucrèce Tudi Zélia Énogat
        Aodren""".split()
    ),
    last=(
        *"""Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent
        Lefebvre Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier
        Dupont Lambert Bonnet François Martinez Legrand Garnier Faure Rousseau Blanc Guérin
        Muller Henry Roussel Nicolas Perrin Morin Mathieu Gauthier Dumont Lopez Fontaine
        Chevalier Robin Masson Sanchez Gérard Nguyen Boyer Denis Lemaire Duval Joly Roger
        Roche Roy Kervella Tanguy Riou Guillou Quéméneur Bensalah Diallo Traoré""".split(),
        *_lines("""
            Le Goff
            Le Gall
            Le Bihan
            Da Silva
            Ben Amar
            de La Motte
            d’Andigné
            Saint-Martin
            El Amrani
            Petit-Jean
        """),
    ),
    streets=_lines("""
        rue Jean Jaurès
        avenue Marie Curie
        rue de la Gare
        place du Général de Gaulle
        allée des Tilleuls
        rue Monsieur Vincent
        impasse Mme de Sévigné
        boulevard Léon Blum
        chemin du Moulin
        rue Anne de Bretagne
        rue du Docteur Martin
    """),
    schools=_lines("""
        Jules Ferry
        Jean Moulin
        Marie Curie
        Louise Michel
        Jacques Prévert
        Le Chat Perché
        Saint-Joseph
        Jean Zay
        Les Tilleuls
        Paul Éluard
        Anne Frank
        Sainte-Marie
        Pierre Mendès France
        Simone Veil
    """),
    firms=_lines("""
        SARL Martin
        Garage Bernard
        Couverture Thomas
        EIFFAGE ÉNERGIE
        Menuiserie Le Goff
        Durand & Fils
        Les Jardins de Sophie
        Boulangerie Chez Pierre
        Cabinet Moreau Associés
        Transports Simon
        COLAS
        Leroy Constructions
        Bernard Matériaux
        Claire Optique
        Amicale laïque
        Les Amis de Jean Moulin
        Club Robert Petit
        Union sportive Saint-Pierre
        Comité des fêtes
        Association Marie Durand
        Fondation Abbé Martin
        Société Michel Duval
        ETS ROGER
        Studio Camille
        Théâtre de l’Arpenteur
        Tennis club
        Fanfare Nicolas
        La Poste
        Véolia Eau
        Monsieur Bricolage
    """),
    varieties=("Pierre de Ronsard", "Louise Odier", "Madame Meilland"),
    communes=_lines("""
        Acigné
        Betton
        Bruz
        Chartres-de-Bretagne
        Saint-Jacques-de-la-Lande
        Le Rheu
        Noyal-Châtillon-sur-Seiche
        Saint-Gilles
        Pont-Péan
    """),
    service_mails=tuple(
        """mairie@acigne.fr contact@bruz.fr mairie.betton@orange.fr urbanisme@betton.fr
        accueil.mediatheque@lerheu.fr service.technique@bruz.fr asso.petanque@gmail.com
        ecole.publique@wanadoo.fr mairie-st-gilles@wanadoo.fr clubdetennis35@gmail.com
        office.tourisme@metropole.fr dechets@metropole.fr etat-civil@acigne.fr no-
        reply@plateforme.fr comite.fetes@laposte.net bibliotheque@bruz.fr
        direction.generale@bruz.fr eau.assainissement@betton.fr""".split()
    ),
    own_hosts=("acigne.fr", "bruz.fr"),
    free_hosts=tuple(
        "gmail.com orange.fr wanadoo.fr free.fr laposte.net hotmail.fr yahoo.fr".split()
    ),
    said=_lines("""
        Nid-de-poule rue Monsieur Vincent
        Dossier 2024-0612345678 sans suite
        Voir SIRET 21350001200019
        Lampadaire éteint place du Maréchal
        Madame la Maire est prévenue
        Réunion le 06.12.2024 à 10 h
        Position 48.0612345678, -1.6712345678
        Appeler le 0 800 123 456
        Monsieur le Préfet a répondu
        Écrire à mairie@acigne.fr
        Facture 123456789012345
        Panneau AB 123 cassé
        Carrefour D 34 et D 163
    """),
)

_SECOND_LOOK = Words(
    first=tuple(
        """Christine Gérard Danielle Serge Annie Claude Josiane Yves Colette Daniel Evelyne
        Jacques Florence Pascal Corinne Didier Muriel Gilles Laurence Franck Virginie Jérôme
        Delphine Cédric Élodie Romain Mélanie Kévin Laura Florian Marine Alexis Pauline
        Quentin Justine Maxime Océane Clément Lucie Bastien Jade Gabriel Louise Raphaël Alice
        Jules Lina Noah Mila Aïcha Rachid Samira Mehdi Mamadou Aminata Ewen Gaël Katell Tanguy
        Enora Bleuenn Riwan Jean-Luc Marie-Thérèse Jean-Yves Anne-Sophie""".split()
    ),
    rare=tuple(
        """Thècle Aubry Clervie Efflam Radegonde Ninog Euphrasie Gonzague Haude Tréphine Séraphin
        Bertille""".split()
    ),
    last=(
        *"""Clément Morvan Fleury Picard Renard Colin Brun Leclerc Gaillard Barbier Arnaud
        Marchand Giraud Renaud Lemoine Rolland Caron Aubert Meunier Dufour Blanchard Vidal
        Brunet Olivier Philippe Pons Carpentier Charpentier Boulanger Fabre Hamon Salaün
        Jaouen Kerdoncuff Corre Pichon Prigent Rault Gicquel Lecomte Poirier Royer Humbert
        Rodrigues Pereira Cissé Benali Haddad Yilmaz Tran Bois Poste Rivière Maison Vasseur
        Boucher Marchal Lacroix Renault Deschamps Collet Prévost Bourgeois Perrot Daniel Hervé
        Jouan""".split(),
        *_lines("""
            Le Roux
            Le Meur
            Le Floc’h
            Dos Santos
            Ait Ahmed
            du Plessis
            de Kergariou
            Saint-Jean
            Van Den Berg
            Bou Saleh
        """),
    ),
    streets=_lines("""
        rue Victor Hugo
        quai Émile Zola
        rue de l’Église
        place de la Mairie
        lieu-dit La Ville Oger
        rue Sœur Catherine
        allée Madame Récamier
        avenue Aristide Briand
        route de Fougères
        rue Bertrand Robidou
        résidence du Parc
        square Ludovic Trarieux
    """),
    schools=_lines("""
        Eugène Pottier
        Jean Rostand
        Joseph Lotte
        Guillevic
        Albert Camus
        La Prévalaye
        Notre-Dame
        Maurice Genevoix
        Les Hautes Ourmes
        Françoise Dolto
        Marcel Callo
        Sainte-Thérèse
        Lucie Aubrac
        Champion de Cicé
    """),
    firms=_lines("""
        EURL Picard
        Pompes funèbres Hamon
        Ambulances Laura
        SPIE BATIGNOLLES OUEST
        Ébénisterie Rolland
        Barbier et Cie
        Le Fournil de Lucie
        Pizzeria Chez Gérard
        Étude Lemoine
        Autocars Daniel
        KEOLIS
        Morvan Levage
        Lucie Coiffure
        Daniel Moquet Signe Vos Allées
        Foyer laïque
        Les Enfants de Jules
        Racing Club Jacques
        Avenir de Saint-Yves
        Secours populaire
        Mission locale Alice Guy
        Fonds Clément Ader
        Coopérative Yves Rocher Jardin
        HLM LA RANCE
        Galerie Louise
        Compagnie Jules et Jim
        Cyclo-club
        Harmonie municipale
        Engie Cofely
        Suez Environnement
        Madame Pickwick
    """),
    varieties=("Charles de Mills", "Ghislaine de Féligonde", "Monsieur Tillier"),
    communes=_lines("""
        Mordelles
        Gévezé
        Vezin-le-Coquet
        Saint-Erblon
        La Chapelle-des-Fougeretz
        Le Verger
        L’Hermitage
        Saint-Armel
        Corps-Nuds
    """),
    service_mails=tuple(
        """accueil@mordelles.fr mairie.geveze@wanadoo.fr infos@vezin.fr pole.enfance@mordelles.fr
        secretariat.general@geveze.fr cantine@saint-erblon.fr usvern.football@gmail.com
        lesamisdelecole@free.fr bulletin.municipal@lhermitage.fr sivu.piscine@orange.fr
        relais.assistantes@metropole.fr objets.trouves@metropole.fr police.rurale@geveze.fr
        gestion.dechets@vezin.fr conciliateur@mordelles.fr espace.jeunes@laposte.net
        conseil.citoyen@geveze.fr halte.garderie@yahoo.fr""".split()
    ),
    own_hosts=("mordelles.fr", "ville-geveze.fr"),
    free_hosts=tuple("gmail.com sfr.fr bbox.fr neuf.fr icloud.com outlook.fr live.fr".split()),
    said=_lines("""
        Banc cassé square Ludovic Trarieux
        Ticket n° 0298765432-A clos
        SIREN 213500012, code 35001
        Arbre tombé allée Madame Récamier
        Monsieur le maire a été prévenu
        Travaux du 02/03/2025 au 04/05/2025
        x = 352145.0712345678
        Numéro d’urgence 112, ou le 3975
        Madame la Sous-préfète préside
        Mail à accueil@mordelles.fr
        Compteur 987654321098765
        Plaque XY-12 de la borne
        Lignes C1, C2 et 12 ; arrêt 0635
    """),
)


def _together(one: Words, other: Words) -> Words:
    return Words(*(getattr(one, f.name) + getattr(other, f.name) for f in fields(Words)))


KNOWN = _together(_FIRST_LOOK, _SECOND_LOOK)

APART = Words(
    first=tuple(
        """Roger Simone Bernard Odette Raymond Yvette André Denise Robert Jeannine Marcel
        Ginette Roland Huguette Hubert Lydie Régis Nadine Benoît Carole Arnaud Karine
        Vincent Magali Fabrice Estelle Mickaël Vanessa Grégory Jennifer Jonathan
        Amandine Dylan Morgane Killian Anaïs Théo Clara Tom Zoé Léo Lola Ethan Rose
        Sacha Anna Adam Romy Malo Elsa Nordine Leïla Youssef Khadija Ousmane Awa Gurvan
        Rozenn Tristan Armelle Malik Solène Mathis Pierre-Yves Marie-Laure Jean-Michel
        Anne-Laure""".split()
    ),
    rare=tuple(
        """Ursin Fantine Corentine Eudes Apolline Brivael Philiberte Théophane Rozala Cunégonde Kado
        Hermance""".split()
    ),
    last=(
        *"""Noël Perez Gautier Leblanc Renou Baron Pierre Barre Lucas Rey Hubert Maillard
        Lamy Lefort Charles Guillot Jacquet Millet Cousin Fernandez Texier Benoit
        Leclercq Adam Prigent Le-Tallec Berthelot Cadiou Kerautret Coatmeur Madec
        Rouault Chauvin Besnard Levêque Chapelle Garnier-Roy Tessier Barbe Coulibaly
        Mansouri Özdemir Pham Oliveira Sow Boulay Delaunay Jourdan Lebrun Allain Bazin
        Cordier Delorme Hoarau Jolivet Klein Lacombe Monnier Pasquier Rémy Schmitt""".split(),
        *_lines("""
            Le Corre
            Le Berre
            La Rivière
            Dos Reis
            Ben Hassen
            de Courcy
            du Bois
            Saint-Aubin
            Van Houten
            El Khatib
        """),
    ),
    streets=_lines("""
        rue Alain Gerbault
        cours Kennedy
        rue du Four à Chaux
        place Sainte-Anne
        lieu-dit Le Haut Bois
        rue Mère Teresa
        passage Mme Legros
        boulevard Georges Clemenceau
        route de Saint-Malo
        rue Roger Salengro
        lotissement des Chênes
        allée Monsieur Prudhomme
    """),
    schools=_lines("""
        Henri Wallon
        Jean de La Fontaine
        Marcel Aymé
        Roger Vercel
        La Duchesse Anne
        Les Gantelles
        Notre-Dame de Toutes Grâces
        Jacques-Yves Cousteau
        Gabriel Cosson
        Trégain
        Émilie du Châtelet
        Saint-Yves
        Berthe Morisot
        Colette
    """),
    firms=_lines("""
        SAS Delorme
        Maçonnerie Cadiou
        Taxi Estelle
        BOUYGUES TP
        Plâtrerie Besnard
        Lamy et Filles
        La Table de Denise
        Crêperie Chez Rozenn
        Office notarial Millet
        Cars Texier
        TRANSDEV
        Gautier Élagueur
        Magali Fleurs
        Pierre et Terre
        Patronage laïque
        Les Copains de Marcel
        Vélo-club Robert Rey
        Jeanne d’Arc de Bruz
        Restos du cœur
        Maison des jeunes André Malraux
        Fonds Anne Beaumanoir
        Société Yves Klein
        LECLERC BRUZ
        Librairie Lucas
        Ensemble Vincent
        Boxing club
        Chœur de femmes
        Orange Business
        Idverde
        Mademoiselle Thé
    """),
    varieties=("Pierre Cardin", "Alfred Carrière", "Mme Isaac Pereire"),
    communes=_lines("""
        Chantepie
        Orgères
        Saint-Sulpice-la-Forêt
        Nouvoitou
        Laillé
        Le Minihic
        L’Hermitage-Lorge
        Saint-Grégoire
        Bourgbarré
    """),
    service_mails=tuple(
        """mairie@chantepie.fr laille.mairie@orange.fr renseignements@orgeres.fr
        vie.associative@laille.fr cabinet.maire@chantepie.fr menage@orgeres.fr
        basket.chantepie@gmail.com comitedesfetes@free.fr lettre.info@laille.fr
        syndicat.eau35@wanadoo.fr enfance.jeunesse@metropole.fr velos@metropole.fr
        garde.champetre@orgeres.fr tri.selectif@laille.fr elections@chantepie.fr
        maisondequartier@laposte.net atelier.theatre@yahoo.fr micro.creche@orange.fr""".split()
    ),
    own_hosts=("chantepie.fr", "mairie-orgeres.fr"),
    free_hosts=tuple(
        "gmail.com hotmail.com orange.fr mailo.com yahoo.com aol.com proton.me".split()
    ),
    said=_lines("""
        Panneau tordu passage Mme Legros
        Référence 0645127890-02 à classer
        RNA W353001234 et SIRET 213500517 00014
        Feu en panne boulevard Georges Clemenceau
        Madame la Directrice a répondu
        Du 01.09.2025 au 05.07.2026
        Point (1.0733112244, 48.112233)
        Standard au 3949, ou 0 809 404 040
        Monsieur le Sous-préfet viendra
        Courriel : mairie@chantepie.fr
        Badge 112233445566778
        Parcelle AB-123 à 456
        Arrêt 0699, ligne 0712
    """),
)
